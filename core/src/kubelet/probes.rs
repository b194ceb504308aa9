//! Probes: when each is due, what it finds, and what its results mean.
//!
//! Ticks are anchored at the moment the pod was taken on, one period apart. A tick that cannot change anything
//! (the probe has succeeded and nothing about the process will differ) is not played, so that a healthy cluster
//! comes to rest. Upstream: `pkg/kubelet/prober/worker.go`.

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::local_pod::Running;
use crate::time::{Duration, Time};

/// What a probe is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProbeKind {
    /// Has it come up?
    Startup,
    /// Is it still alive?
    Liveness,
    /// May it get traffic?
    Readiness,
}

/// One probe of one container, with its results so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What it is asked for.
    pub kind: ProbeKind,
    /// What counts; `None` before a startup probe's first result.
    pub result: Option<bool>,
    /// The latest outcome and how often it came in a row.
    pub streak: (bool, u32),
    /// When it is due next.
    pub due: Option<Time>,
    /// The grace period of a container that it condemns, where it names one.
    pub grace_seconds: Option<i64>,
    initial_delay: Duration,
    period: Duration,
    success_threshold: u32,
    failure_threshold: u32,
}

/// What one try found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Whether it succeeded.
    pub success: bool,
    /// What the Event says of a failure.
    pub output: String,
}

impl ProbeKind {
    /// As Events spell it: `Readiness`.
    pub const fn name(self) -> &'static str {
        match self {
            ProbeKind::Startup => "Startup",
            ProbeKind::Liveness => "Liveness",
            ProbeKind::Readiness => "Readiness",
        }
    }

    /// What counts before the first result.
    const fn first_result(self) -> Option<bool> {
        match self {
            ProbeKind::Startup => None,
            ProbeKind::Liveness => Some(true),
            ProbeKind::Readiness => Some(false),
        }
    }
}

impl Probe {
    /// The probes that a container asks for.
    pub(super) fn all_of(container: &core::Container) -> Vec<Probe> {
        let kinds = [ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness];
        kinds.into_iter().filter_map(|kind| Some(Probe::new(kind, spec_of(container, kind)?))).collect()
    }

    fn new(kind: ProbeKind, spec: &core::Probe) -> Probe {
        let number = |value: Option<i32>, default: i32| value.unwrap_or(default).max(0) as u32;
        Probe {
            kind,
            result: kind.first_result(),
            streak: (false, 0),
            due: None,
            grace_seconds: spec.termination_grace_period_seconds,
            initial_delay: Duration::from_seconds(u64::from(number(spec.initial_delay_seconds, 0))),
            period: Duration::from_seconds(u64::from(number(spec.period_seconds, 10).max(1))),
            success_threshold: number(spec.success_threshold, 1).max(1),
            failure_threshold: number(spec.failure_threshold, 3).max(1),
        }
    }

    /// Forgets the results of the instance before.
    pub(super) fn reset(&mut self) {
        self.result = self.kind.first_result();
        self.streak = (false, 0);
        self.due = None;
    }

    /// It has succeeded, for good.
    pub(super) fn succeed(&mut self) {
        (self.result, self.streak, self.due) = (Some(true), (true, self.success_threshold), None);
    }

    /// How many equal outcomes in a row count as a result.
    pub fn threshold(&self, success: bool) -> u32 {
        if success { self.success_threshold } else { self.failure_threshold }
    }

    /// Whether its container counts as started.
    pub(super) fn lets_start(&self) -> bool {
        self.kind != ProbeKind::Startup || self.result == Some(true)
    }

    /// Whether its container counts as ready.
    pub(super) fn lets_be_ready(&self) -> bool {
        self.kind != ProbeKind::Readiness || self.result == Some(true)
    }

    /// Whether its container must be started anew.
    pub(super) fn condemns(&self) -> bool {
        self.kind != ProbeKind::Readiness && self.result == Some(false)
    }

    /// The first try of an instance that started at `since`: at once, or on the first tick after the initial delay.
    /// Ticks are `anchor` plus whole periods.
    pub(super) fn first_due(&self, anchor: Time, since: Time, now: Time) -> Time {
        let earliest = (since + self.initial_delay).max(now);
        if self.initial_delay == Duration::ZERO { now } else { self.tick_from(anchor, earliest) }
    }

    /// The next try after one at `now`, where one is needed: not once it has succeeded for good.
    pub(super) fn next_due(&self, anchor: Time, now: Time) -> Option<Time> {
        let is_settled = self.streak.0 && self.result == Some(true);
        (!is_settled).then(|| self.tick_from(anchor, now + Duration(1)))
    }

    /// Takes a finding. Returns whether the result that counts has changed.
    pub(super) fn take(&mut self, success: bool) -> bool {
        let (known, times) = self.streak;
        self.streak = (success, if known == success { times + 1 } else { 1 });
        if self.streak.1 < self.threshold(success) || self.result == Some(success) {
            return false;
        }
        self.result = Some(success);
        true
    }

    fn tick_from(&self, anchor: Time, earliest: Time) -> Time {
        let ticks = earliest.since(anchor).0.div_ceil(self.period.0);
        anchor + Duration(self.period.0 * ticks)
    }
}

/// What a container asks for.
fn spec_of(container: &core::Container, kind: ProbeKind) -> Option<&core::Probe> {
    match kind {
        ProbeKind::Startup => container.startup_probe.as_ref(),
        ProbeKind::Liveness => container.liveness_probe.as_ref(),
        ProbeKind::Readiness => container.readiness_probe.as_ref(),
    }
}

/// Tries a probe on a process: it fails while the port it asks does not answer, and a readiness probe also while
/// the process is not ready by its own account.
pub(super) fn try_it(
    kind: ProbeKind,
    container: &core::Container,
    running: &Running,
    address: &str,
    now: Time,
) -> Finding {
    let Some(spec) = spec_of(container, kind) else {
        return Finding { success: true, output: String::new() };
    };
    let port = asked_port(container, spec);
    let is_declared = |port: i32| {
        let ports = container.ports.as_deref().unwrap_or_default();
        ports.is_empty() || ports.iter().any(|declared| declared.container_port == port)
    };
    let answers = running.listens && port.is_none_or(is_declared);
    let is_ready = kind != ProbeKind::Readiness || now.since(running.since) >= running.behaviour.ready_after;
    // Who only opens a connection waits for no answer.
    let patience = Duration::from_seconds(spec.timeout_seconds.unwrap_or(1).max(1) as u64);
    if answers && spec.tcp_socket.is_none() && running.behaviour.response >= patience {
        return Finding { success: false, output: impatience(spec, address, port, patience) };
    }
    if answers && is_ready {
        return Finding { success: true, output: String::new() };
    }
    Finding { success: false, output: failure(spec, address, port, answers) }
}

/// The port that a probe asks; `None` for commands.
fn asked_port(container: &core::Container, spec: &core::Probe) -> Option<i32> {
    let of_name = |port: &IntOrString| match port {
        IntOrString::Int(number) => *number,
        IntOrString::String(name) => {
            let ports = container.ports.as_deref().unwrap_or_default();
            let named = ports.iter().find(|port| port.name.as_deref() == Some(name));
            named.map_or(0, |port| port.container_port)
        }
    };
    let http = spec.http_get.as_ref().map(|http| of_name(&http.port));
    let tcp = || spec.tcp_socket.as_ref().map(|tcp| of_name(&tcp.port));
    let grpc = || spec.grpc.as_ref().map(|grpc| grpc.port);
    http.or_else(tcp).or_else(grpc)
}

/// What a probe says that got no answer in time.
fn impatience(spec: &core::Probe, address: &str, port: Option<i32>, patience: Duration) -> String {
    if spec.http_get.is_some() {
        let url = url(spec, address, port.unwrap_or(0));
        return format!(
            "Get \"{url}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        );
    }
    if spec.grpc.is_some() {
        return format!("timeout: health rpc did not complete within {}", patience.as_go());
    }
    let command = spec.exec.as_ref().and_then(|exec| exec.command.as_ref());
    let command = command.map(|words| words.join(" ")).unwrap_or_default();
    format!("command timed out: \"{command}\" timed out after {}", patience.as_go())
}

/// What an HTTP probe asks for.
fn url(spec: &core::Probe, address: &str, port: i32) -> String {
    let http = spec.http_get.as_ref();
    let scheme = http.and_then(|http| http.scheme.as_deref()).unwrap_or("HTTP").to_ascii_lowercase();
    let host = http.and_then(|http| http.host.as_deref()).filter(|host| !host.is_empty()).unwrap_or(address);
    let path = http.and_then(|http| http.path.as_deref()).unwrap_or("/");
    format!("{scheme}://{host}:{port}{path}")
}

fn failure(spec: &core::Probe, address: &str, port: Option<i32>, answers: bool) -> String {
    let port = port.unwrap_or(0);
    if let Some(http) = &spec.http_get {
        if answers {
            return "HTTP probe failed with statuscode: 503".to_owned();
        }
        let host = http.host.as_deref().filter(|host| !host.is_empty()).unwrap_or(address);
        let url = url(spec, address, port);
        return format!("Get \"{url}\": dial tcp {host}:{port}: connect: connection refused");
    }
    if spec.grpc.is_some() {
        return format!("timeout: failed to connect service \"{address}:{port}\" within 1s");
    }
    if spec.tcp_socket.is_some() {
        return format!("dial tcp {address}:{port}: connect: connection refused");
    }
    "command exited with code 1".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(kind: ProbeKind) -> Probe {
        Probe::new(kind, &core::Probe { success_threshold: Some(2), ..core::Probe::default() })
    }

    #[test]
    fn three_failures_in_a_row_count_and_two_successes_mend_it() {
        let mut probe = probe(ProbeKind::Readiness);
        let taken: Vec<bool> = [true, false, true, true, false, false, false]
            .into_iter()
            .map(|found| probe.take(found))
            .collect();
        assert_eq!(taken, [false, false, false, true, false, false, true]);
        assert_eq!(probe.result, Some(false));
    }

    #[test]
    fn ticks_stay_on_the_anchor_and_end_with_success() {
        let mut probe = probe(ProbeKind::Liveness);
        let (anchor, now) = (Time(0) + Duration::from_seconds(3), Time(0) + Duration::from_seconds(15));
        assert_eq!(probe.next_due(anchor, now), Some(Time(0) + Duration::from_seconds(23)));
        probe.take(true);
        assert_eq!(probe.next_due(anchor, now), None);
    }
}
