//! How steps are printed: headlines, every step with its sums, or JSON.

use std::io::{self, Write};
use std::rc::Rc;

use kubestep_core::engine::{Cause, What};
use kubestep_core::{Step, narration};
use serde_json::{Value, json};

/// Enough for `EndpointSlice controller` and two spaces.
const ACTOR_WIDTH: usize = 26;

/// What is printed of each step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// One headline per step, without the looks that found nothing to do; kubectl's output as it prints it.
    Headlines,
    /// Every step with its number, its causes and its sums.
    EveryStep,
    /// One array, one step per line.
    Json,
}

impl Telling {
    /// Prints the whole story.
    pub(super) fn tell(self, steps: &[Rc<Step>], out: &mut impl Write) -> io::Result<()> {
        match self {
            Telling::Headlines => {
                steps.iter().filter(|step| !step.is_quiet()).try_for_each(|step| headline(step, out))
            }
            Telling::EveryStep => steps.iter().try_for_each(|step| in_full(step, out)),
            Telling::Json => {
                writeln!(out, "[")?;
                for (index, step) in steps.iter().enumerate() {
                    let comma = if index + 1 < steps.len() { "," } else { "" };
                    writeln!(out, "{}{comma}", as_json(step))?;
                }
                writeln!(out, "]")
            }
        }
    }
}

fn headline(step: &Step, out: &mut impl Write) -> io::Result<()> {
    if let What::Asked(line) = &step.what {
        let gap = if step.id.0 > 0 { "\n" } else { "" };
        return writeln!(out, "{gap}$ {line}");
    }
    let said = match &step.what {
        // What kubectl prints stands as it is: tables have several lines.
        What::Printed(printed) => {
            printed.text.trim_end().replace('\n', &format!("\n{:ACTOR_WIDTH$}          ", ""))
        }
        _ => narration::headline(step).to_string(),
    };
    writeln!(out, "{:>8}  {:ACTOR_WIDTH$}{said}", step.at.to_string(), narration::actor(&step.actor))
}

fn in_full(step: &Step, out: &mut impl Write) -> io::Result<()> {
    headline(step, out)?;
    let causes: Vec<String> = step.causes.iter().map(cause).collect();
    writeln!(out, "{:10}step {}, because of {}", "", step.id.0, causes.join(", "))?;
    for row in narration::detail(step).rows {
        writeln!(out, "{:10}{}: {} = {}", "", row.name, row.sum, row.result)?;
    }
    Ok(())
}

fn cause(cause: Cause) -> String {
    match cause {
        Cause::Command(command) => format!("command {}", command.0),
        Cause::Step(step) => format!("step {}", step.0),
        Cause::Timer(step) => format!("the timer of step {}", step.0),
        Cause::Fault(command) => format!("fault {}", command.0),
    }
}

fn as_json(step: &Step) -> Value {
    let mut value = json!({
        "step": step.id.0,
        "seconds": step.at.as_seconds(),
        "actor": narration::actor(&step.actor),
        "headline": narration::headline(step).to_string(),
        "reconcile": step.reconcile.0,
        "causes": step.causes.iter().map(cause).collect::<Vec<_>>(),
        // As text: it has more digits than a JavaScript number.
        "fingerprint": format!("{:016x}", step.fingerprint()),
    });
    let (kind, more) = match &step.what {
        What::Asked(line) => ("asked", json!({ "line": &**line })),
        What::Written(change) => {
            let object = json!({
                "kind": change.object.kind.name(),
                "namespace": &*change.object.key.namespace,
                "name": change.object.name(),
            });
            (
                "written",
                json!({ "verb": change.verb.http(), "subresource": change.subresource, "object": object }),
            )
        }
        What::Refused { error, .. } => ("refused", json!({ "message": error.message.to_string() })),
        What::Machine(_) => ("machine", json!({})),
        What::Hop(passage) => {
            ("hop", json!({ "client": &*passage.client, "request": passage.number, "hop": passage.place }))
        }
        What::Printed(printed) => {
            ("printed", json!({ "text": &*printed.text, "is_error": printed.is_error }))
        }
        What::Looked => ("looked", json!({})),
    };
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.insert("what".to_owned(), kind.into());
        value.extend(more);
    }
    value
}
