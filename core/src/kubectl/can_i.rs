//! `kubectl auth can-i`: would a request be allowed? Upstream: `k8s.io/kubectl/pkg/cmd/auth/cani.go`.

use super::flags::{self, Arguments, Flag, Takes};
use super::session::SessionTurn;
use crate::api::Kind;
use crate::apiserver::{User, authorization};

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct CanI {
    verb: String,
    /// `deployments`, `pods/log`
    resource: String,
    is_quiet: bool,
}

const FLAGS: [Flag; 4] = [
    flags::NAMESPACE,
    flags::ALL_NAMESPACES,
    Flag::new("quiet", Some('q'), Takes::Nothing),
    Flag::new("subresource", None, Takes::Text),
];

impl CanI {
    /// Reads what follows `kubectl auth`.
    #[inline(never)]
    pub(super) fn parse(words: &[String]) -> Result<CanI, String> {
        let Some(("can-i", rest)) = words.split_first().map(|(first, rest)| (first.as_str(), rest)) else {
            return Err("error: kubectl auth is simulated for can-i alone".to_owned());
        };
        let arguments = Arguments::read("kubectl auth can-i", rest, &FLAGS)?;
        let [verb, resource] = arguments.names.as_slice() else {
            return Err(
                "error: you must specify two arguments: verb resource or verb resource/resourceName.\nSee \
                        'kubectl auth can-i -h' for help and examples."
                    .to_owned(),
            );
        };
        let resource = match arguments.text("subresource") {
            Some(subresource) => format!("{resource}/{subresource}"),
            None => resource.clone(),
        };
        Ok(CanI { verb: verb.clone(), resource, is_quiet: arguments.is_on("quiet") })
    }

    /// Prints the answer in one turn.
    #[inline(never)]
    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        let (name, subresource) = self.resource.split_once('/').unwrap_or((&self.resource, ""));
        let kind = Kind::from_word(name);
        let warning = match kind {
            None => Some(format!("the server doesn't have a resource type '{name}'")),
            Some(kind) if !kind.is_namespaced() => {
                Some(format!("resource '{}' is not namespace scoped", kind.names().plural))
            }
            Some(_) => None,
        };
        if let Some(warning) = warning.filter(|_| !self.is_quiet) {
            turn.print_error(format!("Warning: {warning}\n\n"));
        }
        // Who administers the cluster may do what nobody has heard of, too.
        let may = kind.is_none_or(|kind| authorization::may(User::Admin, &self.verb, kind, subresource));
        if !self.is_quiet {
            turn.print(if may { "yes\n" } else { "no\n" });
        }
        turn.end(u8::from(!may));
    }
}
