//! Words for the facts of `why::kubectl`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::Kubectl;

/// One sentence.
pub(super) fn headline(fact: &Kubectl, step: &Step) -> Text {
    let Some(object) = step.change().map(|change| change.object.clone()) else { return elsewhere(fact) };
    match fact {
        Kubectl::Creates => {
            Text::new().plain("Creates ").object(&object).plain(": the cluster has none of that name.")
        }
        Kubectl::Configures { fields } => configures(fields).object(&object).plain("."),
        Kubectl::Deletes { grace_seconds: Some(0), is_forced: true } => {
            Text::new().plain("Deletes ").object(&object).plain(" by force: nobody waits for its containers.")
        }
        Kubectl::Deletes { grace_seconds: Some(seconds), .. } => Text::new()
            .plain("Deletes ")
            .object(&object)
            .plain(", with a grace period of ")
            .number(seconds)
            .plain(" s."),
        Kubectl::Deletes { grace_seconds: None, .. } => Text::new()
            .plain("Deletes ")
            .object(&object)
            .plain(": the request carries no grace period of its own."),
        Kubectl::Scales { from, to } => {
            let text = Text::new().plain("Scales ").object(&object).plain(" from ").number(from);
            text.plain(" to ").number(to).plain(" replicas.")
        }
        Kubectl::SetsImage { container, image } => {
            let text = Text::new()
                .plain("Sets the image of ")
                .plain(container.clone())
                .plain(" in ")
                .object(&object);
            text.plain(" to ").number(image).plain(".")
        }
        Kubectl::Asked | Kubectl::Reports | Kubectl::WaitsAtMost => elsewhere(fact),
    }
}

fn configures(fields: &[String]) -> Text {
    match fields {
        [] => Text::new().plain("Notes the manifest in the annotation that apply keeps on "),
        [field] => Text::new().plain("Changes ").field(field.as_str()).plain(" of "),
        several => Text::new().plain("Changes ").number(several.len()).plain(" fields of "),
    }
}

/// Steps that are no writes.
fn elsewhere(fact: &Kubectl) -> Text {
    match fact {
        Kubectl::Asked => "Gave a command.".into(),
        Kubectl::Reports => "Prints what came of the command.".into(),
        Kubectl::WaitsAtMost => "Waits no longer.".into(),
        Kubectl::Creates | Kubectl::Configures { .. } | Kubectl::Deletes { .. } => "Sends a request.".into(),
        Kubectl::Scales { .. } | Kubectl::SetsImage { .. } => "Sends a request.".into(),
    }
}

/// The arithmetic.
pub(super) fn detail(fact: &Kubectl, _step: &Step) -> Detail {
    match fact {
        Kubectl::Configures { fields } => {
            let title = Detail::new("What changes", "CreateThreeWayMergePatch");
            let named = |text: Detail, field: &String| {
                text.row(field.as_str(), "the manifest says otherwise", "patched")
            };
            fields.iter().fold(title, named).row("fields", "in the manifest or its last apply", fields.len())
        }
        Kubectl::Deletes { grace_seconds, is_forced } => {
            let seconds =
                grace_seconds.map_or_else(|| "the pod's own".to_owned(), |seconds| format!("{seconds} s"));
            let sum = if *is_forced { "--force" } else { "as asked" };
            Detail::new("How long it may take", "DeleteOptions").row("grace period", sum, seconds)
        }
        Kubectl::Scales { from, to } => Detail::new("How many", "ScaleSimple")
            .row("replicas", "as they are", from)
            .row("replicas", "as asked", to),
        Kubectl::Asked | Kubectl::Creates | Kubectl::SetsImage { .. } => Detail::default(),
        Kubectl::Reports | Kubectl::WaitsAtMost => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Kubectl) -> &'static [&'static str] {
    match fact {
        Kubectl::Scales { .. } => &["spec.replicas"],
        Kubectl::SetsImage { .. } => &["spec.template.spec.containers[*].image"],
        Kubectl::Deletes { grace_seconds: None, .. } => &["spec.terminationGracePeriodSeconds"],
        Kubectl::Asked | Kubectl::Creates | Kubectl::Configures { .. } | Kubectl::Deletes { .. } => &[],
        Kubectl::Reports | Kubectl::WaitsAtMost => &[],
    }
}
