//! `curl`: a request from a pod, with all that is decided about it on the way.

use std::rc::Rc;

use super::Inside;
use super::tools::Done;
use crate::api::Key;
use crate::kubectl::session::SessionTurn;
use crate::network::flow::{Finding, Flow, Outcome, Seen, Silence};
use crate::network::source;
use crate::rng::Rng;
use crate::time::Duration;

/// How long a kernel tries to open a connection before it gives up, where curl does not say.
const KERNEL_GIVES_UP: Duration = Duration::from_millis(134_145);

/// What it prints where the process ends that was to answer.
const RESET: &str = "curl: (56) Recv failure: Connection reset by peer\n";

/// What was asked for.
struct Request {
    is_https: bool,
    host: String,
    port: Option<u16>,
    /// `--connect-timeout`: for how long it tries to connect.
    connects_within: Option<Duration>,
    /// `-m`: for how long it may take, all in all.
    ends_within: Option<Duration>,
    is_silent: bool,
    shows_errors: bool,
}

/// Sends a request.
pub(super) fn run(turn: &mut SessionTurn<'_>, inside: &Inside<'_>, arguments: &[String]) -> Done {
    let request = match read(arguments) {
        Ok(request) => request,
        Err(fault) => return Done::failed(2, fault),
    };
    let port = request.port.unwrap_or(if request.is_https { 443 } else { 80 });
    let seed = turn.snapshot.simulation.seed ^ (u64::from(turn.session.id.0) + 1) << 20;
    let luck = Rng::new(seed);
    let Some(source) = source::of_pod(inside.machine, inside.pod, &luck) else { return Done::default() };
    let to = (Rc::from(request.host.as_str()), Some(port));
    let mut flow = Flow::new("curl".into(), 0, turn.snapshot.now, to, source, luck);
    let mut connections = turn.network.connections.clone();
    let lasts = flow.run(&turn.network, &mut connections, turn.snapshot.now).as_millis();
    turn.keep_connections(connections);
    if flow.work().is_some() {
        return Done::waiting(flow);
    }
    let says = |text: String| request.says(text);
    let outcome = flow.outcome.unwrap_or(Outcome::TimedOut(Silence::NoRules));
    match outcome.seen() {
        Seen::Answer => Done::printed(answer(&flow)),
        Seen::NoAddress => {
            Done::failed(6, says(format!("curl: (6) Could not resolve host: {}\n", request.host)))
        }
        Seen::Refusal => {
            let text = format!(
                "curl: (7) Failed to connect to {} port {port} after {lasts} ms: Could not connect to server\n",
                request.host
            );
            Done::failed(7, says(text))
        }
        Seen::Reset => Done::failed(56, says(RESET.to_owned())),
        Seen::Silence => {
            let timeout = request.connects_within.into_iter().chain(request.ends_within).min();
            let takes = timeout.unwrap_or(KERNEL_GIVES_UP);
            let text = match timeout {
                Some(timeout) => {
                    format!(
                        "curl: (28) Connection timed out after {} milliseconds\n",
                        timeout.as_millis() + 1
                    )
                }
                None => format!(
                    "curl: (28) Failed to connect to {} port {port} after {} ms: Could not connect to server\n",
                    request.host,
                    KERNEL_GIVES_UP.as_millis()
                ),
            };
            Done { takes, ..Done::failed(28, says(text)) }
        }
    }
}

/// Looks how far a request is that a process works on: what comes of it, or how long to wait for that at most.
pub(super) fn go_on(turn: &SessionTurn<'_>, flow: &Flow, arguments: &[String]) -> Result<Done, Duration> {
    let (Ok(request), Some(work)) = (read(arguments), flow.work()) else { return Ok(Done::default()) };
    if work.loss(turn.network.machines).is_some() {
        return Ok(Done::failed(56, request.says(RESET.to_owned())));
    }
    let now = turn.snapshot.now;
    let gives_up = request.ends_within.map(|within| (flow.began + within, within));
    match gives_up.filter(|(at, _)| *at < work.answers_at()) {
        _ if now >= work.answers_at() => Ok(Done::printed(answer(flow))),
        Some((at, within)) if now >= at => {
            let after = within.as_millis() + 1;
            let text =
                format!("curl: (28) Operation timed out after {after} milliseconds with 0 bytes received\n");
            Ok(Done::failed(28, request.says(text)))
        }
        Some((at, _)) => Err(at.since(now)),
        None => Err(work.answers_at().since(now)),
    }
}

impl Request {
    /// What it prints of a failure.
    fn says(&self, text: String) -> String {
        if self.is_silent && !self.shows_errors { String::new() } else { text }
    }
}

/// What a simulated program answers: who it is.
fn answer(flow: &Flow) -> String {
    let arrival = flow.arrival();
    match arrival.map(|arrival| (&arrival.finding, &arrival.pod)) {
        Some((Finding::Answers(serving), Some((Key { name, .. }, _)))) => {
            format!("{name}, container {}\n", serving.container)
        }
        _ => "An answer from beyond what is simulated\n".to_owned(),
    }
}

fn read(arguments: &[String]) -> Result<Request, String> {
    let mut request = Request {
        is_https: false,
        host: String::new(),
        port: None,
        connects_within: None,
        ends_within: None,
        is_silent: false,
        shows_errors: false,
    };
    let mut url = None;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut value = |short: &str| {
            let rest = word.strip_prefix(short).unwrap_or_default();
            let rest = rest.strip_prefix('=').unwrap_or(rest);
            let own = (!rest.is_empty()).then(|| rest.to_owned());
            own.or_else(|| words.next().cloned()).ok_or_else(|| {
                format!(
                    "curl: option {word}: requires parameter\ncurl: try 'curl --help' for more information\n"
                )
            })
        };
        match word.as_str() {
            long if long.starts_with("--connect-timeout") => {
                request.connects_within = seconds(&value("--connect-timeout")?)
            }
            long if long.starts_with("--max-time") => request.ends_within = seconds(&value("--max-time")?),
            short if short.starts_with("-m") => request.ends_within = seconds(&value("-m")?),
            "--silent" => request.is_silent = true,
            "--show-error" => request.shows_errors = true,
            "--insecure" | "--fail" | "--location" | "--verbose" | "--include" | "--head" => {}
            letters if is_letters(letters) => {
                request.is_silent |= letters.contains('s');
                request.shows_errors |= letters.contains('S');
            }
            other if other.starts_with('-') => {
                return Err(format!(
                    "curl: option {other}: is unknown\ncurl: try 'curl --help' for more information\n"
                ));
            }
            other => url = Some(other),
        }
    }
    let url = url.ok_or("curl: (2) no URL specified\n")?;
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    request.is_https = match scheme.to_ascii_lowercase().as_str() {
        "http" => false,
        "https" => true,
        other => return Err(format!("curl: (1) Protocol \"{other}\" not supported\n")),
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
    request.port = match port {
        None => None,
        Some(port) => Some(port.parse().map_err(|_| {
            "curl: (3) URL rejected: Port number was not a decimal number between 0 and 65535\n".to_owned()
        })?),
    };
    if host.is_empty() {
        return Err("curl: (3) URL rejected: No host part in the URL\n".to_owned());
    }
    request.host = host.to_owned();
    Ok(request)
}

/// Whether a word is nothing but switches that change nothing here, or what is printed.
fn is_letters(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-') && word[1..].chars().all(|letter| "sSfkLvi4I".contains(letter))
}

fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.parse().ok()?;
    (seconds > 0.0 && seconds <= 3600.0).then(|| Duration::from_millis((seconds * 1000.0) as u64))
}
