//! What the panels show that follows from the model, kept as long as what it follows from stays.

use std::borrow::Cow;
use std::rc::Rc;

use kubestep_core::api::{HorizontalPodAutoscaler, Kind, ObjectRef};
use kubestep_core::apiserver::Store;
use kubestep_core::engine::{Step, What};
use kubestep_core::manifest;
use kubestep_core::narration::{self, Detail};
use kubestep_core::why::Why;
use yew::AttrValue;

use crate::actor;
use crate::breakpoints;
use crate::diff::MarkKind;
use crate::editor::{ChangedKind, ChangedLine, DecidingLine, LineFix, LineNote, LineSeverity};
use crate::model::document::Document;
use crate::model::message::{Go, Message};
use crate::model::run::Run;
use crate::panels::dialogs::go_to::Destination;
use crate::panels::terminal::{TerminalLine, TerminalLineKind};

/// The most lines that the kubectl screen holds.
const MOST_TERMINAL_LINES: usize = 400;

/// Finding a field reads the draft again, so in a longer one no line is lit.
const MOST_LIT_BYTES: usize = 256 << 10;

/// The kubectl screen at the step in view: lines given and printed up to there, and those not understood.
pub fn transcript(run: &Run) -> Rc<[TerminalLine]> {
    let mut lines = Vec::new();
    let mut misheard = run.misheard.iter().filter(|each| each.at <= run.cursor).peekable();
    let shown = run.happened().min(run.timeline.len());
    let mut answer_up_to = |step: Option<&Step>, lines: &mut Vec<TerminalLine>| {
        while let Some(each) = misheard.next_if(|each| step.is_none_or(|step| each.at < Some(step.id))) {
            lines.push(line(TerminalLineKind::Command, &each.line));
            lines.extend(each.answer.lines().map(|text| line(TerminalLineKind::Refusal, text)));
        }
    };
    for step in &run.timeline.steps()[..shown] {
        answer_up_to(Some(step), &mut lines);
        match &step.what {
            What::Asked(asked) => lines.push(line(TerminalLineKind::Command, &without_text(asked))),
            What::Printed(printed) => {
                let kind =
                    if printed.is_error { TerminalLineKind::Refusal } else { TerminalLineKind::Output };
                lines.extend(printed.text.lines().map(|text| line(kind, text)));
            }
            What::Written(_) | What::Refused { .. } | What::Machine(_) | What::Hop(_) | What::Looked => {}
        }
    }
    answer_up_to(None, &mut lines);
    lines.drain(..lines.len().saturating_sub(MOST_TERMINAL_LINES));
    lines.into()
}

/// A line that puts a file onto a disk, without the file's text: that stands in the editor.
fn without_text(line: &str) -> Cow<'_, str> {
    match line.strip_prefix("sim manifest ").and_then(|rest| rest.find(" '")) {
        Some(end) => Cow::Owned(format!("sim manifest {} '…'", &line[13..13 + end])),
        None => Cow::Borrowed(line),
    }
}

fn line(kind: TerminalLineKind, text: &str) -> TerminalLine {
    TerminalLine { kind, text: AttrValue::from(text.to_owned()) }
}

/// What reading the draft found, for the editor.
pub fn notes(document: &Document) -> Rc<[LineNote]> {
    let note = |diagnostic: &manifest::Diagnostic| LineNote {
        line: diagnostic.line as usize,
        column: Some(diagnostic.column as usize),
        end_column: Some((diagnostic.column + diagnostic.length) as usize),
        severity: if diagnostic.is_error { LineSeverity::Error } else { LineSeverity::Warning },
        message: diagnostic.message.clone(),
        fix: diagnostic.fix.as_ref().map(|fix| LineFix {
            line: fix.at.line,
            column: fix.at.column,
            length: fix.at.length,
            text: fix.text.clone(),
        }),
    };
    document.diagnostics.iter().map(note).collect()
}

/// The lines that Apply would change, for the editor. Before anything was applied, none is marked: all would be.
pub fn changed(document: &Document) -> Rc<[ChangedLine]> {
    if document.applied.is_empty() {
        return Rc::from([]);
    }
    let kind = |kind| match kind {
        MarkKind::Added => ChangedKind::Added,
        MarkKind::Changed => ChangedKind::Changed,
        MarkKind::Removed => ChangedKind::Removed,
    };
    document.changes.marks.iter().map(|mark| ChangedLine { line: mark.line, kind: kind(mark.kind) }).collect()
}

/// The lines of the draft that decided the step in view, the most decisive with a note.
pub fn deciding(document: &Document, step: Option<&Step>, store: &Store) -> Rc<[DecidingLine]> {
    let Some(step) = step else { return Rc::from([]) };
    let fields = narration::fields(step);
    if fields.is_empty() || document.draft.len() > MOST_LIT_BYTES {
        return Rc::from([]);
    }
    let subjects = subjects(step, store);
    let detail = narration::detail(step);
    let mut lines: Vec<DecidingLine> = Vec::new();
    for path in fields {
        let Some(place) = subjects.iter().find_map(|subject| place(document, subject, path)) else {
            continue;
        };
        if lines.iter().any(|known| known.line == place.line) {
            continue;
        }
        let title = lines.is_empty().then(|| title(path, place, step));
        let note = if lines.is_empty() { sum_with(&detail, path) } else { None };
        lines.push(DecidingLine { line: place.line, title, note });
    }
    lines.into()
}

/// Where a field stands in the draft.
#[derive(Clone, Copy)]
struct Place {
    line: usize,
    /// Whether it is the field itself; otherwise the author left it out, and this is the key around it.
    is_written: bool,
}

fn title(path: &str, place: Place, step: &Step) -> String {
    let name = last_name(path);
    let number = step.id.0 + 1;
    if place.is_written {
        format!("{name} decided step {number}")
    } else {
        format!("{name}, by default, decided step {number}")
    }
}

/// `maxSurge` of `spec.strategy.rollingUpdate.maxSurge`.
fn last_name(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// The sum that mentions a field: "4 replicas + 1 maxSurge = 5".
fn sum_with(detail: &Detail, path: &str) -> Option<String> {
    let name = last_name(path);
    let row = detail.rows.iter().find(|row| row.sum.contains(name))?;
    Some(format!("{} = {}", row.sum, row.result))
}

/// The object that a step is about, then its owners: the one that stands in the manifests is among them.
fn subjects(step: &Step, store: &Store) -> Vec<ObjectRef> {
    let mut subjects = Vec::new();
    let (mut next, mut uid) = match &step.what {
        What::Written(change) => (
            Some(change.object.clone()),
            change.subject().and_then(|object| object.meta().controller()).map(|owner| owner.uid),
        ),
        What::Refused { write, .. } => (Some(write.target()), None),
        What::Asked(_) | What::Machine(_) | What::Hop(_) | What::Printed(_) | What::Looked => (None, None),
    };
    // An autoscaler writes what it is for, and its own fields decide.
    if let (Why::Autoscaler(_), Some(target)) = (&step.why, &next) {
        let is_for = |it: &&Rc<HorizontalPodAutoscaler>| {
            let aim = &it.spec.scale_target_ref;
            it.key.namespace == target.key.namespace
                && aim.kind == target.kind.name()
                && aim.name == target.name()
        };
        let autoscalers = store.list::<HorizontalPodAutoscaler>().filter(is_for);
        subjects.extend(autoscalers.map(|it| ObjectRef::new(Kind::HorizontalPodAutoscaler, it.key.clone())));
    }
    while let Some(subject) = next.take() {
        if subjects.contains(&subject) {
            break;
        }
        let owner_uid =
            uid.take().or_else(|| store.object(&subject)?.meta().controller().map(|owner| owner.uid));
        next = owner_uid.and_then(|uid| owner(store, uid));
        subjects.push(subject);
    }
    subjects
}

fn owner(store: &Store, uid: kubestep_core::api::Uid) -> Option<ObjectRef> {
    [Kind::ReplicaSet, Kind::Deployment]
        .iter()
        .flat_map(|kind| store.objects(*kind))
        .find(|object| object.uid() == uid)
        .map(|object| object.reference())
}

/// Where a path of an object stands; a pod's own fields stand in its owner's template.
fn place(document: &Document, subject: &ObjectRef, path: &str) -> Option<Place> {
    let index = document.objects.iter().position(|object| is_named(object, subject))?;
    let own = find(&document.draft, index, path)?;
    if own.is_written {
        return Some(own);
    }
    let template = find(&document.draft, index, &format!("spec.template.{path}"));
    template.filter(|place| place.is_written).or(Some(own))
}

/// Whether a manifest describes this object; one that names no namespace describes it in the default one.
fn is_named(manifest: &ObjectRef, object: &ObjectRef) -> bool {
    let is_there = manifest.key.namespace.is_empty() || manifest.key.namespace == object.key.namespace;
    manifest.kind == object.kind && manifest.name() == object.name() && is_there
}

fn find(text: &str, index: usize, path: &str) -> Option<Place> {
    let at = manifest::locate(text, index, path)?;
    let line = text.lines().nth(at.line as usize - 1)?;
    let key = line.chars().skip(at.column as usize - 1).take(at.length as usize).collect::<String>();
    let is_written = key.trim_matches(['"', '\'']) == last_name(path);
    Some(Place { line: at.line as usize, is_written })
}

/// Everything one can go to: the next step of each usual kind, the objects, every step.
pub fn destinations(run: &Run) -> Rc<[Destination]> {
    let store = run.world().store;
    let kinds =
        [Kind::Deployment, Kind::ReplicaSet, Kind::Pod, Kind::Service, Kind::EndpointSlice, Kind::Node];
    let objects = kinds.iter().flat_map(|kind| store.objects(*kind)).map(|object| {
        let reference = object.reference();
        Destination {
            number: AttrValue::default(),
            text: AttrValue::from(object.name().to_owned()),
            note: AttrValue::from(object.kind().name()),
            message: Message::Select(Some(reference)),
        }
    });
    let steps = run.timeline.steps().iter().filter(|step| !step.is_quiet()).map(|step| Destination {
        number: AttrValue::from((step.id.0 + 1).to_string()),
        text: AttrValue::from(narration::headline(step).to_string()),
        note: AttrValue::from(format!("{} at {}", actor::short(&step.actor), step.at)),
        message: Message::Go(Go::To(step.id)),
    });
    let next = breakpoints::usual().into_iter().filter_map(|(words, breakpoint)| {
        let step = breakpoint.next_hit(&run.chart, run.cursor)?;
        Some(Destination {
            number: AttrValue::from((step.0 + 1).to_string()),
            text: AttrValue::from(words),
            note: AttrValue::from("next time"),
            message: Message::Go(Go::To(step)),
        })
    });
    next.chain(objects).chain(steps).collect()
}

#[cfg(test)]
mod tests {
    use kubestep_core::engine::{Budget, Until};
    use kubestep_core::{Command, Timeline, simulation};

    use super::*;

    const MANIFESTS: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations: {sim.kubestep.dev/cpu: 150m}
    spec: {containers: [{name: web, image: 'web:1', resources: {requests: {cpu: 100m}}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]
";

    #[test]
    fn what_an_autoscaler_writes_is_decided_by_its_own_fields() {
        let setup = simulation::read("");
        let mut timeline = Timeline::new(setup.simulation, setup.nodes);
        for line in ["kubectl apply -f web.yaml", "sim wait 1m"] {
            timeline.submit(Command::parse(line, &|_| Some(MANIFESTS.to_owned())).unwrap());
            timeline.advance(Until::Quiet, Budget { steps: 10_000 });
        }
        let scales =
            |step: &&Rc<Step>| narration::headline(step).to_string().starts_with("Scales web from 1");
        let step = timeline.steps().iter().find(scales).expect("it is scaled");
        let mut document = Document::new("");
        document.type_in(MANIFESTS);
        document.read();
        let lines = deciding(&document, Some(step), &timeline.head().store);
        let line = lines.first().expect("a line").line;
        let text = MANIFESTS.lines().nth(line - 1).unwrap();
        assert!(text.contains("maxReplicas: 3") || text.contains("metrics:"), "line {line}: {text}");
        assert!(line > 11, "it stands in the autoscaler's document");
    }
}
