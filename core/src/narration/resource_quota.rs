//! Words for the facts of `why::resource_quota`.

use super::{Detail, Text};
use crate::api::Object;
use crate::engine::Step;
use crate::why::ResourceQuota;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &ResourceQuota, step: &Step) -> Text {
    let say = |words: &'static str| match step.change() {
        Some(change) => Text::new().plain(words).object(&change.object),
        None => Text::new().plain(words).plain("a quota"),
    };
    match fact {
        ResourceQuota::LimitsChanged { resources } => {
            let text = say("Puts ").plain(" in force: it limits ");
            super::counted(text, *resources as i32, "resource.", "resources.")
        }
        ResourceQuota::UsageChanged { .. } => say("Counts anew what ").plain(" limits, and says so."),
        ResourceQuota::UpToDate { resources } => {
            let text = Text::new().plain("Finds nothing to do: the use of ");
            super::counted(text, *resources as i32, "resource is as listed.", "resources is as listed.")
        }
    }
}

/// The arithmetic: what is used, of what is allowed.
#[inline(never)]
pub(super) fn detail(fact: &ResourceQuota, step: &Step) -> Detail {
    let resources = match fact {
        ResourceQuota::LimitsChanged { resources }
        | ResourceQuota::UsageChanged { resources }
        | ResourceQuota::UpToDate { resources } => resources,
    };
    let detail = Detail::new("What is used", "syncResourceQuota").row("resources", "spec.hard", resources);
    with_usage(detail, step)
}

/// Adds a line for each limited resource of the quota that a step wrote.
pub(super) fn with_usage(detail: Detail, step: &Step) -> Detail {
    let Some(Object::ResourceQuota(quota)) = step.change().and_then(|change| change.after.as_ref()) else {
        return detail;
    };
    let used = quota.status.used.as_ref();
    quota.status.hard.iter().flatten().fold(detail, |detail, (resource, limit)| {
        let amount = used.and_then(|used| used.get(resource)).map_or("0", |amount| &amount.0);
        detail.row(resource.clone(), format!("used, of {}", limit.0), amount)
    })
}

/// The manifest fields that decided.
pub(super) fn fields(_fact: &ResourceQuota) -> &'static [&'static str] {
    &["spec.hard"]
}
