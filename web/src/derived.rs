//! What the panels show that follows from the model, kept as long as what it follows from stays.

use std::rc::Rc;

use kubestep_core::api::{Kind, ObjectRef};
use kubestep_core::apiserver::Store;
use kubestep_core::engine::{Step, What};
use kubestep_core::narration::{self, Detail};
use yew::AttrValue;

use crate::actor;
use crate::diff::MarkKind;
use crate::editor::{ChangedKind, ChangedLine, DecidingLine, LineNote, LineSeverity};
use crate::locate;
use crate::model::document::Document;
use crate::model::message::{Go, Message};
use crate::model::run::Run;
use crate::panels::dialogs::go_to::Destination;
use crate::panels::terminal::{TerminalLine, TerminalLineKind};

/// The most lines that the kubectl screen holds.
const MOST_TERMINAL_LINES: usize = 400;

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
            What::Asked(asked) => lines.push(line(TerminalLineKind::Command, asked)),
            What::Printed(printed) => {
                let kind = if printed.is_error { TerminalLineKind::Refusal } else { TerminalLineKind::Output };
                lines.extend(printed.text.lines().map(|text| line(kind, text)));
            }
            What::Written(_) | What::Refused { .. } | What::Machine(_) | What::Looked => {}
        }
    }
    answer_up_to(None, &mut lines);
    lines.drain(..lines.len().saturating_sub(MOST_TERMINAL_LINES));
    lines.into()
}

fn line(kind: TerminalLineKind, text: &str) -> TerminalLine {
    TerminalLine { kind, text: AttrValue::from(text.to_owned()) }
}

/// What reading the draft found, for the editor.
pub fn notes(document: &Document) -> Rc<[LineNote]> {
    let note = |diagnostic: &kubestep_core::manifest::Diagnostic| LineNote {
        line: diagnostic.line as usize,
        column: Some(diagnostic.column as usize),
        end_column: Some((diagnostic.column + diagnostic.length) as usize),
        severity: if diagnostic.is_error { LineSeverity::Error } else { LineSeverity::Warning },
        message: diagnostic.message.clone(),
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
    if fields.is_empty() {
        return Rc::from([]);
    }
    let subjects = subjects(step, store);
    let detail = narration::detail(step);
    let mut lines: Vec<DecidingLine> = Vec::new();
    for path in fields {
        let Some(place) = subjects.iter().find_map(|subject| place(&document.draft, subject, path)) else { continue };
        if lines.iter().any(|known| known.line == place.line) {
            continue;
        }
        let title = lines.is_empty().then(|| title(path, place, step));
        let note = if lines.is_empty() { sum_with(&detail, path) } else { None };
        lines.push(DecidingLine { line: place.line, title, note });
    }
    lines.into()
}

fn title(path: &str, place: locate::Place, step: &Step) -> String {
    let name = path.rsplit('.').next().unwrap_or(path);
    let number = step.id.0 + 1;
    if place.is_written { format!("{name} decided step {number}") } else { format!("{name}, by default, decided step {number}") }
}

/// The sum that mentions a field: "4 replicas + 1 maxSurge = 5".
fn sum_with(detail: &Detail, path: &str) -> Option<String> {
    let name = path.rsplit('.').next()?;
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
        What::Asked(_) | What::Machine(_) | What::Printed(_) | What::Looked => (None, None),
    };
    while let Some(subject) = next.take() {
        if subjects.contains(&subject) {
            break;
        }
        let owner_uid = uid.take().or_else(|| store.object(&subject)?.meta().controller().map(|owner| owner.uid));
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
fn place(text: &str, subject: &ObjectRef, path: &str) -> Option<locate::Place> {
    let find = |path: &str| locate::field(text, subject.kind.name(), subject.name(), path);
    let template = || find(&format!("spec.template.{path}"));
    find(path).filter(|place| place.is_written).or_else(|| template().filter(|place| place.is_written)).or_else(|| find(path))
}

/// Everything one can go to: objects first, they are fewer.
pub fn destinations(run: &Run) -> Rc<[Destination]> {
    let store = run.world().store;
    let kinds = [Kind::Deployment, Kind::ReplicaSet, Kind::Pod, Kind::Service, Kind::EndpointSlice, Kind::Node];
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
    objects.chain(steps).collect()
}
