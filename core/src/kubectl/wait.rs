//! `kubectl wait`: until a condition holds, a field has a value, or an object is there or gone.
//! Upstream: `k8s.io/kubectl/pkg/cmd/wait`.

use serde_json::Value;

use super::failure::Failure;
use super::files::Files;
use super::flags::{self, Arguments, Flag, Takes};
use super::print::jsonpath::Template;
use super::session::{SessionTurn, Stage, Waiting};
use super::shape::Shape;
use super::targets::{Targets, Wants, shown};
use crate::api::{Object, ObjectRef, Uid};
use crate::apiserver::Reason;
use crate::time::Duration;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    targets: Targets,
    goal: Goal,
    /// Below zero: a week.
    timeout: Duration,
    shape: Shape,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
enum Goal {
    Created,
    Deleted,
    Condition { name: String, status: String },
    Field { path: Template, value: Option<String> },
}

const FLAGS: [Flag; 9] = [
    flags::FILENAME,
    flags::NAMESPACE,
    flags::ALL_NAMESPACES,
    flags::SELECTOR,
    flags::OUTPUT,
    flags::ALL,
    Flag::new("for", None, Takes::Text),
    Flag::new("timeout", None, Takes::Time),
    Flag::new("local", None, Takes::Nothing),
];

const PATH_FORM: &str = "error: jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or \
                         --for=jsonpath='{.status.readyReplicas}'";
/// How long is waited where nothing else is said.
const TIMEOUT: Duration = Duration::from_seconds(30);
const WEEK: Duration = Duration::from_seconds(7 * 24 * 3600);

impl Wait {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Wait, String> {
        let arguments = Arguments::read("kubectl wait", words, &FLAGS)?;
        let goal = goal(arguments.text("for").unwrap_or_default())?;
        let files = Files::read(&arguments, text)?;
        let asked = arguments.text("timeout").unwrap_or_default();
        let timeout =
            if asked.starts_with('-') { WEEK } else { arguments.time("timeout").unwrap_or(TIMEOUT) };
        let shape = Shape::read(&arguments)?;
        Ok(Wait { targets: Targets::read(&arguments, files, Wants::Names)?, goal, timeout, shape })
    }

    /// Plays one turn: goes on with the next object when what is waited for has come.
    #[inline(never)]
    pub(super) fn play(&self, turn: &mut SessionTurn<'_>) {
        if let Stage::Waiting(waiting) = turn.session.stage.clone() {
            return self.go_on(turn, &waiting);
        }
        let (targets, mut failures) = self.targets.list(turn);
        let mut objects: Vec<(ObjectRef, Uid)> = Vec::with_capacity(targets.len());
        for target in targets {
            let reference = target.reference;
            if self.targets.is_by_name()
                && let Err(failure) = turn.may("get", &reference)
            {
                failures.push(failure);
                continue;
            }
            match turn.snapshot.store.object(&reference) {
                Some(object) => objects.push((reference, object.uid())),
                None if self.goal == Goal::Created => objects.push((reference, Uid::default())),
                None => failures.push(Failure::not_found(reference)),
            }
        }
        if self.goal == Goal::Deleted {
            failures.retain(
                |failure| !matches!(failure, Failure::Refused { error, .. } if error.reason == Reason::NotFound),
            );
            if objects.is_empty() {
                return turn.finish(&failures);
            }
        }
        if !failures.is_empty() {
            return turn.finish(&failures);
        }
        if objects.is_empty() {
            return turn.finish(&[Failure::own("no matching resources found")]);
        }
        self.go_on(turn, &Waiting { objects, since: turn.snapshot.now });
    }

    fn go_on(&self, turn: &mut SessionTurn<'_>, waiting: &Waiting) {
        let until = waiting.since + self.timeout;
        let mut rest = waiting.objects.as_slice();
        let mut failures = Vec::new();
        while let Some(((target, uid), others)) = rest.split_first() {
            let object = turn.snapshot.store.object(target);
            let is_met = match (&self.goal, &object) {
                (Goal::Created, object) => object.is_some(),
                (Goal::Deleted, object) => object.as_ref().is_none_or(|object| object.uid() != *uid),
                (goal, Some(object)) => goal.holds(object),
                (_, None) => false,
            };
            if is_met {
                let done = if self.shape.is_name() { "" } else { " condition met" };
                turn.print(format!("{}{done}\n", shown(target)));
            } else if until <= turn.snapshot.now {
                let plural = target.kind.names().plural;
                let text = format!("timed out waiting for the condition on {plural}/{}", target.name());
                failures.push(Failure::own(text));
            } else {
                return turn.wait(
                    target.clone(),
                    Some(until),
                    Waiting { objects: rest.to_vec(), since: waiting.since },
                );
            }
            rest = others;
        }
        turn.finish(&failures);
    }
}

/// Reads what follows `--for=`.
fn goal(text: &str) -> Result<Goal, String> {
    let lower = text.to_ascii_lowercase();
    if lower == "delete" {
        return Ok(Goal::Deleted);
    }
    if lower == "create" {
        return Ok(Goal::Created);
    }
    if let Some(condition) = text.strip_prefix("condition=") {
        let (name, status) = condition.split_once('=').unwrap_or((condition, "true"));
        return Ok(Goal::Condition { name: name.to_owned(), status: status.trim_matches('"').to_owned() });
    }
    let Some(field) = text.strip_prefix("jsonpath=") else {
        return Err(format!("error: unrecognized condition: {text:?}"));
    };
    // A path may have equal signs of its own, within its braces.
    let field = field.trim_matches('\'');
    let end = if field.starts_with('{') { field.rfind('}').map(|end| end + 1) } else { field.find('=') };
    let (path, value) = field.split_at(end.unwrap_or(field.len()));
    let value = match value.trim_start_matches('\'') {
        "" => None,
        value => match value.strip_prefix('=') {
            Some(value) if !value.is_empty() => Some(value.trim_matches(['"', '\'']).to_owned()),
            Some(_) => return Err("error: jsonpath wait has to have a value".to_owned()),
            None => return Err(PATH_FORM.to_owned()),
        },
    };
    if path.is_empty() {
        return Err(PATH_FORM.to_owned());
    }
    let path = match (path.starts_with('{'), path.starts_with('.')) {
        (true, _) => path.to_owned(),
        (false, true) => format!("{{{path}}}"),
        (false, false) => format!("{{.{path}}}"),
    };
    let path =
        Template::parse(&path).map_err(|fault| format!("error: error parsing jsonpath {path}, {fault}"))?;
    Ok(Goal::Field { path, value })
}

impl Goal {
    fn holds(&self, object: &Object) -> bool {
        let json = object.to_json();
        match self {
            Goal::Created => true,
            Goal::Deleted => false,
            Goal::Condition { name, status } => {
                // A condition that speaks of an older version says nothing of this one.
                let generation = json["metadata"]["generation"].as_i64();
                let observed = json["status"]["observedGeneration"].as_i64();
                if matches!((generation, observed), (Some(is), Some(seen)) if seen < is) {
                    return false;
                }
                let conditions = json["status"]["conditions"].as_array().into_iter().flatten();
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let mut named =
                    conditions.filter(|condition| text(&condition["type"]).eq_ignore_ascii_case(name));
                named.any(|condition| text(&condition["status"]).eq_ignore_ascii_case(status))
            }
            Goal::Field { path, value } => {
                let mut found = String::new();
                if path.print(&json, &mut found).is_err() {
                    return false;
                }
                match value {
                    Some(value) => found == *value,
                    None => !found.is_empty(),
                }
            }
        }
    }
}
