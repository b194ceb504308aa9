//! Probes and lifecycle hooks. Upstream: `validateProbe`, `validateLifecycle` in
//! `pkg/apis/core/validation/validation.go`.

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::field::{Faults, Path};
use super::names;

/// One way to find out, or to act.
enum Handler<'a> {
    Exec(&'a core::ExecAction),
    HttpGet(&'a core::HTTPGetAction),
    TcpSocket(&'a core::TCPSocketAction),
    Grpc(&'a core::GRPCAction),
    Sleep(&'a core::SleepAction),
}

impl Handler<'_> {
    /// Its field's name.
    fn field(&self) -> &'static str {
        match self {
            Handler::Exec(_) => "exec",
            Handler::HttpGet(_) => "httpGet",
            Handler::TcpSocket(_) => "tcpSocket",
            Handler::Grpc(_) => "grpc",
            Handler::Sleep(_) => "sleep",
        }
    }
}

/// Checks a container's hooks and probes.
pub(super) fn of_container(
    container: &core::Container,
    pod: &core::PodSpec,
    path: Path<'_>,
    faults: &mut Faults,
) {
    if let Some(lifecycle) = &container.lifecycle {
        let path = path.child("lifecycle");
        let hooks = [("postStart", &lifecycle.post_start), ("preStop", &lifecycle.pre_stop)];
        for (name, hook) in hooks.into_iter().filter_map(|(name, hook)| Some((name, hook.as_ref()?))) {
            handlers(&handlers_of_hook(hook), pod, path.child(name), faults);
        }
    }
    once(container.liveness_probe.as_ref(), pod, path.child("livenessProbe"), faults);
    if let Some(readiness) = &container.readiness_probe {
        let path = path.child("readinessProbe");
        probe(readiness, pod, path, faults);
        if let Some(seconds) = readiness.termination_grace_period_seconds {
            let detail = "must not be set for readinessProbes";
            faults.invalid(path.child("terminationGracePeriodSeconds"), seconds, detail);
        }
    }
    once(container.startup_probe.as_ref(), pod, path.child("startupProbe"), faults);
}

/// A probe of which one success is enough.
fn once(found: Option<&core::Probe>, pod: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    let Some(found) = found else { return };
    probe(found, pod, path, faults);
    if let Some(threshold) = found.success_threshold.filter(|threshold| *threshold != 1) {
        faults.invalid(path.child("successThreshold"), threshold, "must be 1");
    }
}

fn probe(probe: &core::Probe, pod: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    handlers(&handlers_of_probe(probe), pod, path, faults);
    faults.negative(path.child("initialDelaySeconds"), probe.initial_delay_seconds);
    faults.negative(path.child("timeoutSeconds"), probe.timeout_seconds);
    faults.negative(path.child("periodSeconds"), probe.period_seconds);
    faults.negative(path.child("successThreshold"), probe.success_threshold);
    faults.negative(path.child("failureThreshold"), probe.failure_threshold);
    if let Some(seconds) = probe.termination_grace_period_seconds.filter(|seconds| *seconds <= 0) {
        faults.invalid(path.child("terminationGracePeriodSeconds"), seconds, "must be greater than 0");
    }
}

fn handlers_of_probe(probe: &core::Probe) -> Vec<Handler<'_>> {
    let mut handlers = Vec::new();
    handlers.extend(probe.exec.as_ref().map(Handler::Exec));
    handlers.extend(probe.http_get.as_ref().map(Handler::HttpGet));
    handlers.extend(probe.tcp_socket.as_ref().map(Handler::TcpSocket));
    handlers.extend(probe.grpc.as_ref().map(Handler::Grpc));
    handlers
}

fn handlers_of_hook(hook: &core::LifecycleHandler) -> Vec<Handler<'_>> {
    let mut handlers = Vec::new();
    handlers.extend(hook.exec.as_ref().map(Handler::Exec));
    handlers.extend(hook.http_get.as_ref().map(Handler::HttpGet));
    handlers.extend(hook.tcp_socket.as_ref().map(Handler::TcpSocket));
    handlers.extend(hook.sleep.as_ref().map(Handler::Sleep));
    handlers
}

fn handlers(handlers: &[Handler<'_>], pod: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    let Some((first, others)) = handlers.split_first() else {
        faults.required(path, "must specify a handler type");
        return;
    };
    for other in others {
        faults.forbidden(path.child(other.field()), "may not specify more than 1 handler type");
    }
    let path = path.child(first.field());
    match first {
        Handler::Exec(action) => {
            if action.command.as_ref().is_none_or(Vec::is_empty) {
                faults.required(path.child("command"), "");
            }
        }
        Handler::HttpGet(action) => http_get(action, path, faults),
        Handler::TcpSocket(action) => port(&action.port, path.child("port"), faults),
        Handler::Grpc(action) => {
            if !names::is_port(action.port) {
                faults.invalid(path.child("port"), action.port, names::PORT_RANGE);
            }
        }
        Handler::Sleep(action) => {
            let grace = pod.termination_grace_period_seconds.unwrap_or(30);
            if action.seconds < 0 || action.seconds > grace {
                let detail =
                    format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
                faults.invalid(path, action.seconds, detail);
            }
        }
    }
}

fn http_get(action: &core::HTTPGetAction, path: Path<'_>, faults: &mut Faults) {
    if action.path.as_deref().unwrap_or_default().is_empty() {
        faults.required(path.child("path"), "");
    }
    port(&action.port, path.child("port"), faults);
    if let Some(scheme) = action.scheme.as_deref()
        && !["HTTP", "HTTPS"].contains(&scheme)
    {
        faults.unsupported(path.child("scheme"), scheme, &["HTTP", "HTTPS"]);
    }
    for header in action.http_headers.iter().flatten() {
        faults.invalid_each(path.child("httpHeaders"), &header.name, names::header_name(&header.name));
    }
}

/// A port by number or by name.
pub(super) fn port(port: &IntOrString, path: Path<'_>, faults: &mut Faults) {
    match port {
        IntOrString::Int(number) if !names::is_port(*number) => {
            faults.invalid(path, *number, names::PORT_RANGE);
        }
        IntOrString::Int(_) => {}
        IntOrString::String(name) => faults.invalid_each(path, name, names::port_name(name)),
    }
}
