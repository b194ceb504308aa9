//! The tools that can be run in containers.

use std::rc::Rc;

use super::{Inside, curl, nslookup, unwrapped};
use crate::kubectl::session::SessionTurn;
use crate::kubelet::environment::hostname;
use crate::kubelet::hosts_file;
use crate::network::dns::ResolvConf;
use crate::network::flow::Flow;
use crate::time::Duration;

/// What a command did.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Done {
    pub(super) output: String,
    pub(super) errors: String,
    pub(super) code: u8,
    /// For how long it runs before it prints.
    pub(super) takes: Duration,
    /// A request whose answer it waits for.
    pub(super) waits_for: Option<Rc<Flow>>,
}

impl Done {
    pub(super) fn printed(output: String) -> Done {
        Done { output, ..Done::default() }
    }

    pub(super) fn waiting(flow: Flow) -> Done {
        Done { waits_for: Some(Rc::new(flow)), ..Done::default() }
    }

    pub(super) fn failed(code: u8, errors: String) -> Done {
        Done { errors, code, ..Done::default() }
    }
}

/// Runs a command in a container.
pub(super) fn run(turn: &mut SessionTurn<'_>, inside: &Inside<'_>, command: &[String]) -> Done {
    if let Some(inner) = unwrapped(command) {
        return run(turn, inside, &inner);
    }
    let Some((program, arguments)) = command.split_first() else { return Done::default() };
    let object = inside.pod.object();
    match program.rsplit('/').next().unwrap_or(program) {
        "env" => {
            Done::printed(variables(inside).iter().map(|(name, value)| format!("{name}={value}\n")).collect())
        }
        "printenv" => printenv(inside, arguments),
        "hostname" => Done::printed(format!("{}\n", hostname(object))),
        "cat" => cat(inside, arguments),
        "nslookup" => nslookup::run(turn, inside, arguments),
        "curl" => curl::run(turn, inside, arguments),
        "true" => Done::default(),
        "false" => Done { code: 1, ..Done::default() },
        "echo" => Done::printed(format!("{}\n", arguments.join(" "))),
        other => Done::failed(
            127,
            format!(
                "error: {other} is not simulated in containers; these are: cat /etc/resolv.conf, cat /etc/hosts, \
                 curl, echo, env, hostname, nslookup, printenv\n"
            ),
        ),
    }
}

fn variables(inside: &Inside<'_>) -> Vec<(String, String)> {
    let all = inside.pod.variables(inside.container, &inside.machine.address).unwrap_or_default();
    all.into_iter().map(|variable| (variable.name, variable.value)).collect()
}

fn printenv(inside: &Inside<'_>, names: &[String]) -> Done {
    let all = variables(inside);
    if names.is_empty() {
        return Done::printed(all.iter().map(|(name, value)| format!("{name}={value}\n")).collect());
    }
    let mut done = Done::default();
    for name in names {
        match all.iter().find(|(known, _)| known == name) {
            Some((_, value)) => done.output.push_str(&format!("{value}\n")),
            None => done.code = 1,
        }
    }
    done
}

fn cat(inside: &Inside<'_>, files: &[String]) -> Done {
    let object = inside.pod.object();
    let mut done = Done::default();
    for file in files {
        match file.as_str() {
            "/etc/resolv.conf" => {
                let resolver = ResolvConf::of_pod(&object.key.namespace, &object.spec.spec);
                done.output.push_str(&resolver.text());
            }
            "/etc/hosts" => {
                let address = inside.pod.sandbox().map(|sandbox| sandbox.address.clone()).unwrap_or_default();
                done.output.push_str(&hosts_file(object, &address));
            }
            "/etc/hostname" => done.output.push_str(&format!("{}\n", hostname(object))),
            "/var/run/secrets/kubernetes.io/serviceaccount/namespace" => {
                done.output.push_str(&object.key.namespace);
            }
            other => {
                done.errors.push_str(&format!("cat: {other}: No such file or directory\n"));
                done.code = 1;
            }
        }
    }
    done
}
