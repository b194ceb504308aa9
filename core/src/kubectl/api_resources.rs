//! `kubectl api-resources`: the kinds that can be asked for here. Upstream: `k8s.io/kubectl/pkg/cmd/apiresources`.

use super::flags::{self, Arguments, Flag, Takes};
use super::print::table::aligned;
use super::session::SessionTurn;
use super::shape;
use crate::api::Kind;
use crate::apiserver::definitions;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiResources {
    group: Option<String>,
    namespaced: Option<bool>,
    with_headers: bool,
    names_only: bool,
}

const FLAGS: [Flag; 4] = [
    flags::OUTPUT,
    Flag::new("api-group", None, Takes::Text),
    Flag::new("namespaced", None, Takes::Nothing),
    Flag::new("no-headers", None, Takes::Nothing),
];

impl ApiResources {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String]) -> Result<ApiResources, String> {
        let arguments = Arguments::read("kubectl api-resources", words, &FLAGS)?;
        if !arguments.names.is_empty() {
            let words = arguments.names.join(" ");
            return Err(format!(
                "error: unexpected arguments: [{words}]\nSee 'kubectl api-resources -h' for help and examples"
            ));
        }
        let names_only = match arguments.text("output") {
            None | Some("" | "wide") => false,
            Some("name") => true,
            Some(other) => {
                return Err(shape::no_printer(other, "json,kyaml,name,wide,yaml", "wide and name"));
            }
        };
        Ok(ApiResources {
            group: arguments.text("api-group").map(str::to_owned),
            namespaced: arguments.text("namespaced").map(|_| arguments.is_on("namespaced")),
            with_headers: !arguments.is_on("no-headers"),
            names_only,
        })
    }

    /// Prints the table in one turn.
    #[inline(never)]
    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        let known = Kind::built_in().chain(definitions::all(turn.snapshot.store));
        let mut kinds: Vec<Kind> = known.filter(|kind| self.lists(*kind)).collect();
        crate::order::sort_by_key(&mut kinds, |kind| (kind.group(), kind.names().plural));
        if self.names_only {
            let names = kinds.iter().map(|kind| kind.qualified_plural() + "\n");
            turn.print(names.collect::<String>());
            return turn.end(0);
        }
        let mut text = String::new();
        if self.with_headers {
            text += "NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND\n";
        }
        for kind in kinds {
            let names = kind.names();
            let (plural, short, version) = (names.plural, names.short.join(","), names.api_version);
            text += &format!("{plural}\t{short}\t{version}\t{}\t{}\n", names.namespaced, names.kind);
        }
        turn.print(aligned(&text));
        turn.end(0);
    }

    fn lists(&self, kind: Kind) -> bool {
        self.group.as_ref().is_none_or(|group| group == kind.group())
            && self.namespaced.is_none_or(|namespaced| namespaced == kind.is_namespaced())
    }
}
