//! `nslookup`, as BIND's prints it.

use super::Inside;
use super::tools::Done;
use crate::kubectl::session::SessionTurn;
use crate::network::dns::{self, Data, RecordType, Reply, ResolvConf};

/// Asks DNS for a name, by the pod's search path.
pub(super) fn run(turn: &SessionTurn<'_>, inside: &Inside<'_>, arguments: &[String]) -> Done {
    let mut wanted = RecordType::A;
    let mut names = Vec::new();
    for argument in arguments {
        match argument.strip_prefix('-') {
            None => names.push(argument.as_str()),
            Some(option) => match option.split_once('=') {
                Some(("type" | "query" | "q", kind)) => {
                    wanted = match kind.to_ascii_uppercase().as_str() {
                        "A" | "ANY" => RecordType::A,
                        "AAAA" => RecordType::Aaaa,
                        "SRV" => RecordType::Srv,
                        other => return Done::failed(1, format!("unknown query type: {other}\n")),
                    }
                }
                _ => return Done::failed(1, format!("*** Invalid option: {option}\n")),
            },
        }
    }
    let Some(name) = names.first() else {
        return Done::failed(1, "error: nslookup needs a name: it is not interactive here\n".to_owned());
    };
    let object = inside.pod.object();
    let resolver = ResolvConf::of_pod(&object.key.namespace, &object.spec.spec);
    let Some(server) = names.get(1).copied().or(resolver.servers.first().map(|server| &**server)) else {
        return Done::failed(1, "error: there is no DNS server to ask\n".to_owned());
    };
    let head = format!("Server:\t\t{server}\nAddress:\t{server}#53\n\n");
    if let Some(pointer) = dns::pointer_name(name) {
        return match dns::pointer(turn.network.watched, name).filter(|_| resolver.asks_cluster()) {
            Some(host) => Done::printed(format!("{pointer}\tname = {host}.\n\n")),
            None => missing(String::new(), &format!("** server can't find {pointer}: NXDOMAIN")),
        };
    }
    let mut is_there = false;
    for candidate in resolver.candidates(name) {
        let reply = dns::asked_of(turn.network.watched, &resolver, &candidate, wanted);
        if reply.is_answer() {
            return Done::printed(format!("{head}{}\n", told(&reply)));
        }
        is_there |= reply.is_empty_name();
    }
    let name = name.trim_end_matches('.');
    if is_there {
        return missing(head, &format!("*** Can't find {name}: No answer"));
    }
    missing(head, &format!("** server can't find {name}: NXDOMAIN"))
}

fn missing(head: String, line: &str) -> Done {
    Done { output: format!("{head}{line}\n\n"), code: 1, ..Done::default() }
}

fn told(reply: &Reply) -> String {
    let line = |record: &dns::Record| match &record.data {
        Data::A(address) => format!("Name:\t{}\nAddress: {address}\n", record.name),
        Data::Cname(target) => format!("{}\tcanonical name = {target}.\n", record.name),
        Data::Srv { port, target } => format!("{}\tservice = 0 100 {port} {target}.\n", record.name),
    };
    reply.records.iter().map(line).collect()
}
