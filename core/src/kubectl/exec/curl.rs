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

/// What was asked for.
struct Request {
    is_https: bool,
    host: String,
    port: Option<u16>,
    /// `--connect-timeout`, `-m`
    timeout: Option<Duration>,
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
    let says = |text: String| if request.is_silent && !request.shows_errors { String::new() } else { text };
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
        Seen::Silence => {
            let takes = request.timeout.unwrap_or(KERNEL_GIVES_UP);
            let text = match request.timeout {
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

/// What a simulated program answers: who it is.
fn answer(flow: &Flow) -> String {
    let arrival = flow.arrival();
    match arrival.map(|arrival| (&arrival.finding, &arrival.pod)) {
        Some((Finding::Answers(container), Some((Key { name, .. }, _)))) => {
            format!("{name}, container {container}\n")
        }
        _ => "An answer from beyond what is simulated\n".to_owned(),
    }
}

fn read(arguments: &[String]) -> Result<Request, String> {
    let mut request = Request {
        is_https: false,
        host: String::new(),
        port: None,
        timeout: None,
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
                request.timeout = seconds(&value("--connect-timeout")?)
            }
            long if long.starts_with("--max-time") => request.timeout = seconds(&value("--max-time")?),
            short if short.starts_with("-m") => request.timeout = seconds(&value("-m")?),
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
