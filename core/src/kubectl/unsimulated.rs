//! Commands that would reach into a container or open an editor: what they name is looked up as kubectl does, and then it
//! is said why they end there.

use std::rc::Rc;

use super::DEFAULT_NAMESPACE;
use super::failure::Failure;
use super::session::SessionTurn;
use super::targets::kinds_of;
use crate::api::{Key, Kind, ObjectRef};

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsimulated {
    target: ObjectRef,
    /// What is said of an object that is there.
    said: Rc<str>,
}

/// The flags of these commands that are followed by a value.
const WITH_VALUE: [&str; 9] =
    ["-c", "-n", "-f", "-o", "--address", "--container", "--image", "--namespace", "--target"];

impl Unsimulated {
    /// Reads a command line.
    ///
    /// # Errors
    /// kubectl's own words where nothing is named that could be looked up.
    #[inline(never)]
    pub(super) fn parse(name: &str, why: &str, words: &[String]) -> Result<Unsimulated, String> {
        let said = format!("kubectl {name} is not simulated: {why}");
        let (mut names, mut namespace) = (Vec::new(), DEFAULT_NAMESPACE.to_owned());
        let mut words = words.iter().take_while(|word| *word != "--");
        while let Some(word) = words.next() {
            if let Some(named) = word.strip_prefix("--namespace=").or_else(|| word.strip_prefix("-n=")) {
                named.clone_into(&mut namespace);
            } else if WITH_VALUE.contains(&word.as_str()) {
                let value = words.next();
                if matches!(word.as_str(), "-n" | "--namespace") {
                    value.map_or("", |value| value.as_str()).clone_into(&mut namespace);
                }
            } else if !word.starts_with('-') {
                names.push(word.as_str());
            }
        }
        let (kind, object) = match (name, names.as_slice()) {
            (_, []) => return Err(nothing_named(name, &said)),
            ("edit", [kind, object, ..]) if !kind.contains('/') => (*kind, *object),
            (_, [first, ..]) => first.split_once('/').unwrap_or(("pod", first)),
        };
        let kind = kinds_of(kind)?.first().copied().unwrap_or(Kind::Pod);
        let namespace = if kind.is_namespaced() { namespace.as_str() } else { "" };
        Ok(Unsimulated { target: ObjectRef::new(kind, Key::new(namespace, object)), said: said.into() })
    }

    /// Looks for the object, and says why nothing more happens.
    #[inline(never)]
    pub(super) fn play(&self, turn: &mut SessionTurn<'_>) {
        let failure = match turn.may("get", &self.target) {
            Err(failure) => failure,
            Ok(()) if turn.snapshot.store.object(&self.target).is_none() => {
                Failure::not_found(self.target.clone())
            }
            Ok(()) => Failure::own(self.said.clone()),
        };
        turn.finish(&[failure]);
    }
}

fn nothing_named(name: &str, said: &str) -> String {
    match name {
        "attach" => "error: at least 1 argument is required for attach".to_owned(),
        "edit" => "error: must specify one of -f and -k".to_owned(),
        "port-forward" => "error: TYPE/NAME and list of ports are required for port-forward".to_owned(),
        _ => format!("error: {said}"),
    }
}
