//! What kubectl says of the cluster and of itself, without asking for an object: `version`, `cluster-info`, `config`,
//! `api-versions`, `options`.

use super::flags::{Arguments, CONTEXT, Flag, Takes};
use super::parse::unknown_below;
use super::session::SessionTurn;
use super::{flags, print::table::aligned};
use crate::api::Kind;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Say {
    what: What,
    with_headers: bool,
    output: String,
    client_only: bool,
}

/// The things that can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Groups and versions of the API.
    ApiVersions,
    /// Where the control plane is.
    ClusterInfo,
    /// `config current-context`
    CurrentContext,
    /// `config get-contexts`
    Contexts,
    /// `config view`
    Configuration,
    /// `config use-context`
    UseContext,
    /// Flags of every command.
    Options,
    /// kubectl's version and the API server's.
    Version,
}

const FLAGS: [Flag; 5] = [
    flags::OUTPUT,
    Flag::new("client", None, Takes::Nothing),
    Flag::new("minify", None, Takes::Nothing),
    Flag::new("no-headers", None, Takes::Nothing),
    Flag::new("current", None, Takes::Nothing),
];

/// The version that is simulated.
const VERSION: &str = "v1.36.2";
const SERVER: &str = "https://172.18.0.2:6443";

const OPTIONS: &str = "\
The following options can be passed to any command:

    --as='':
        Whom the command speaks for: a user, or system:serviceaccount:NAMESPACE:NAME.

    --as-group=[]:
        A group that whoever is named by --as is in. Can be repeated.

    -n, --namespace='':
        The namespace that the command is about.
";

impl Say {
    /// Reads what follows the command's name.
    #[inline(never)]
    pub(super) fn parse(what: What, words: &[String]) -> Result<Say, String> {
        let command = match what {
            What::ApiVersions => "api-versions",
            What::ClusterInfo => "cluster-info",
            What::Options => "options",
            What::Version => "version",
            _ => "config",
        };
        let is_dump = what == What::ClusterInfo && words.first().is_some_and(|word| word == "dump");
        let path = if is_dump { "cluster-info dump" } else { command };
        let arguments = Arguments::read(&format!("kubectl {path}"), words, &FLAGS)?;
        let takes_names = matches!(what, What::Contexts | What::UseContext);
        if !arguments.names.is_empty() && !takes_names {
            if what == What::ClusterInfo && arguments.names[0] == "dump" {
                return Err(
                    "error: kubectl cluster-info dump is not simulated; see kubectl get all -A -o yaml"
                        .to_owned(),
                );
            }
            return Err(match what {
                What::ClusterInfo => unknown_below(command, &arguments.names),
                What::Version => format!("error: extra arguments: [{}]", arguments.names.join(" ")),
                _ => format!(
                    "error: unexpected arguments: [{}]\nSee 'kubectl {command} -h' for help and examples",
                    arguments.names.join(" ")
                ),
            });
        }
        if takes_names {
            let other = arguments.names.iter().find(|name| *name != CONTEXT);
            match other {
                Some(name) if what == What::UseContext => {
                    return Err(format!("error: no context exists with the name: \"{name}\""));
                }
                Some(name) => return Err(format!("error: context {name} not found")),
                None => {}
            }
        }
        let output = arguments.text("output").unwrap_or_default().to_owned();
        if what == What::Version && !matches!(output.as_str(), "" | "yaml" | "json") {
            return Err("error: --output must be 'yaml' or 'json'".to_owned());
        }
        let with_headers = !arguments.is_on("no-headers");
        Ok(Say { what, with_headers, output, client_only: arguments.is_on("client") })
    }

    /// Reads what follows `kubectl config`.
    #[inline(never)]
    pub(super) fn config(words: &[String]) -> Result<Say, String> {
        let (first, rest) = words.split_first().map_or(("", words), |(first, rest)| (first.as_str(), rest));
        let what = match first {
            "current-context" => What::CurrentContext,
            "get-contexts" => What::Contexts,
            "use-context" | "use" => What::UseContext,
            "view" => What::Configuration,
            "set-context" => {
                return Err(
                    "error: kubectl config set-context is not simulated; name the namespace with -n in each \
                            command"
                        .to_owned(),
                );
            }
            "delete-cluster" | "delete-context" | "delete-user" | "get-clusters" | "get-users"
            | "rename-context" | "set" | "set-cluster" | "set-credentials" | "unset" => {
                return Err(format!(
                    "error: kubectl config {first} is not simulated: there is one cluster, and one way to reach it"
                ));
            }
            _ => return Err(unknown_below("config", words)),
        };
        Say::parse(what, rest)
    }

    /// Prints it.
    #[inline(never)]
    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        turn.print(self.text());
        turn.end(0);
    }

    /// Whether it can be said without asking the API server.
    pub(super) fn needs_no_server(&self) -> bool {
        self.client_only || !matches!(self.what, What::ApiVersions | What::ClusterInfo | What::Version)
    }

    fn text(&self) -> String {
        match self.what {
            What::ApiVersions => api_versions(),
            What::ClusterInfo => format!(
                "Kubernetes control plane is running at {SERVER}\n\nTo further debug and diagnose cluster problems, use \
                 'kubectl cluster-info dump'.\n"
            ),
            What::CurrentContext => format!("{CONTEXT}\n"),
            What::UseContext => format!("Switched to context \"{CONTEXT}\".\n"),
            What::Contexts if self.output == "name" => format!("{CONTEXT}\n"),
            What::Contexts => {
                let header =
                    if self.with_headers { "CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n" } else { "" };
                aligned(&format!("{header}*\t{CONTEXT}\t{CONTEXT}\tkubernetes-admin\t\n"))
            }
            What::Configuration => format!(
                "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: DATA+OMITTED\n    server: {SERVER}\n  \
                 name: {CONTEXT}\ncontexts:\n- context:\n    cluster: {CONTEXT}\n    user: kubernetes-admin\n  name: \
                 {CONTEXT}\ncurrent-context: {CONTEXT}\nkind: Config\nusers:\n- name: kubernetes-admin\n  user:\n    \
                 client-certificate-data: DATA+OMITTED\n    client-key-data: DATA+OMITTED\n"
            ),
            What::Options => OPTIONS.to_owned(),
            What::Version => self.version(),
        }
    }

    fn version(&self) -> String {
        if self.output.is_empty() {
            let client = format!("Client Version: {VERSION}\n");
            return if self.client_only { client } else { format!("{client}Server Version: {VERSION}\n") };
        }
        let version = serde_json::json!({ "gitVersion": VERSION, "major": "1", "minor": "36" });
        let mut all = serde_json::json!({ "clientVersion": version });
        if !self.client_only {
            all["serverVersion"] = version;
        }
        if self.output == "json" { super::print::yaml::json(&all) } else { super::print::yaml::yaml(&all) }
    }
}

fn api_versions() -> String {
    let mut versions: Vec<&str> = Kind::built_in().map(|kind| kind.names().api_version).collect();
    crate::order::sort(&mut versions);
    versions.dedup();
    versions.iter().map(|version| format!("{version}\n")).collect()
}
