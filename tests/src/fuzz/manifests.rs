//! Manifests that went wrong: lines that moved, values of other types, syntax that ends early, numbers that are too large.

use kubestep_core::rng::Rng;

use super::Corpus;

/// The cluster that cases are given to.
pub(super) const CLUSTER: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web:1, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: alone}
spec: {containers: [{name: a, image: a:1}, {name: b, image: b:1}]}
";

/// How long a mutated manifest may get, in bytes.
const LONGEST: usize = 40_000;

/// Values that stand where others stood.
const VALUES: &[&str] = &[
    "yes",
    "on",
    "off",
    "~",
    "null",
    "true",
    "\"\"",
    "''",
    "0",
    "-1",
    "0644",
    "0o644",
    "0x1F",
    "0b101",
    "1_000",
    "1:30",
    "190:20:30",
    "1e3",
    "1e999",
    "-0",
    ".5",
    ".inf",
    "-.Inf",
    ".nan",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "2147483648",
    "1.5",
    "100%",
    "-5%",
    "5Gi",
    "1e9Gi",
    "0.1m",
    "99999999999999999999Ei",
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "=",
    "<<",
    "[]",
    "{}",
    "[{}]",
    "{a: b}",
    "[1, [2, [3]]]",
    "{a: {b: {c: d}}}",
    "!!binary aGVsbG8=",
    "!!str 5",
    "!!int \"5\"",
    "!foo bar",
    "&a x",
    "*a",
    "*nope",
    "|\n  text",
    ">-\n  text",
    "- a",
    "\"\\u0000\"",
    "\"\\x41\"",
    "\u{e9}\u{4e16}\u{1f980}",
    "a: b: c",
    "'unclosed",
    "\"unclosed",
    "[unclosed",
    "{unclosed",
    "@at",
    "`tick",
    "%percent",
    "# comment",
    "{{ .Values.name }}",
    "Always",
    "Never",
    "RollingUpdate",
    "Recreate",
    "ClusterIP",
    "None",
    "web",
    "WEB_1",
    "a.b.c",
    "-dash",
    "dash-",
];

/// Names that stand where others stood.
const KEYS: &[&str] = &[
    "spec",
    "metadata",
    "name",
    "namespace",
    "labels",
    "annotations",
    "containers",
    "replicas",
    "selector",
    "matchLabels",
    "matchExpressions",
    "template",
    "image",
    "ports",
    "kind",
    "apiVersion",
    "status",
    "items",
    "finalizers",
    "ownerReferences",
    "resources",
    "limits",
    "volumes",
    "env",
    "<<",
    "? complex",
    "\"quoted\"",
    "1",
    "strategy",
    "maxSurge",
    "initContainers",
    "affinity",
    "tolerations",
    "generateName",
    "data",
    "rules",
    "subjects",
];

/// Kinds and what they are of, so that a manifest of one becomes one of another.
const KINDS: &[(&str, &str)] = &[
    ("v1", "Pod"),
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "Namespace"),
    ("v1", "Node"),
    ("v1", "ServiceAccount"),
    ("v1", "List"),
    ("v1", "Endpoints"),
    ("v1", "ResourceQuota"),
    ("v1", "LimitRange"),
    ("v1", "PersistentVolume"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "ReplicationController"),
    ("v1", "Event"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("policy/v1", "PodDisruptionBudget"),
    ("discovery.k8s.io/v1", "EndpointSlice"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("networking.k8s.io/v1", "Ingress"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("storage.k8s.io/v1", "StorageClass"),
    ("scheduling.k8s.io/v1", "PriorityClass"),
    ("kubestep.dev/v1alpha1", "Simulation"),
    ("kubestep.dev/v1alpha1", "Traffic"),
    ("example.com/v1", "Widget"),
    ("a/b/c", "Pod"),
];

/// A manifest of the corpus, or of a small grammar, with a few changes.
pub(super) fn mutated(rng: &mut Rng, corpus: &Corpus) -> String {
    let mut text = match rng.below(8) {
        0 => generated(rng),
        1 => format!("{}\n---\n{}", pick(rng, &corpus.0), pick(rng, &corpus.0)),
        _ => pick(rng, &corpus.0).clone(),
    };
    for _ in 0..rng.below(6) {
        text = match rng.below(16) {
            0..=4 => with_value(rng, &text),
            5..=6 => with_key(rng, &text),
            7 => without_line(rng, &text),
            8 => with_line_twice(rng, &text),
            9 => with_moved_line(rng, &text),
            10 => with_kind(rng, &text),
            11 => bytes(rng, &text),
            12 => cut(rng, &text),
            13 => bomb(rng, &text),
            14 => nested(rng, &text),
            _ => spliced(rng, &text, corpus),
        };
        text.truncate(
            (0..=LONGEST.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0),
        );
    }
    text
}

fn pick<'a, T>(rng: &mut Rng, list: &'a [T]) -> &'a T {
    &list[rng.below(list.len() as u64) as usize]
}

/// Changes one line.
fn on_line(rng: &mut Rng, text: &str, change: impl Fn(&mut Rng, &str) -> String) -> String {
    let lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return text.to_owned();
    }
    let place = rng.below(lines.len() as u64) as usize;
    let mut out = String::with_capacity(text.len() + 64);
    for (at, line) in lines.iter().enumerate() {
        if at == place {
            out.push_str(&change(rng, line));
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

fn with_value(rng: &mut Rng, text: &str) -> String {
    let value = *pick(rng, VALUES);
    on_line(rng, text, |_, line| match line.split_once(": ") {
        Some((key, _)) => format!("{key}: {value}"),
        None => format!("{line} {value}"),
    })
}

fn with_key(rng: &mut Rng, text: &str) -> String {
    let key = *pick(rng, KEYS);
    on_line(rng, text, |_, line| {
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        match line.split_once(':') {
            Some((_, rest)) => format!("{}{key}:{rest}", &line[..indent]),
            None => format!("{}{key}: {}", &line[..indent], &line[indent..]),
        }
    })
}

fn without_line(rng: &mut Rng, text: &str) -> String {
    on_line(rng, text, |_, _| String::new())
}

fn with_line_twice(rng: &mut Rng, text: &str) -> String {
    on_line(rng, text, |_, line| format!("{line}\n{line}"))
}

fn with_moved_line(rng: &mut Rng, text: &str) -> String {
    on_line(rng, text, |rng, line| match rng.below(4) {
        0 => format!("  {line}"),
        1 => line.strip_prefix("  ").unwrap_or(line).to_owned(),
        2 => format!("\t{}", line.trim_start()),
        _ => format!("- {}", line.trim_start()),
    })
}

fn with_kind(rng: &mut Rng, text: &str) -> String {
    let (version, kind) = *pick(rng, KINDS);
    let line = |line: &str| match line.split_once(": ") {
        Some(("apiVersion", _)) => format!("apiVersion: {version}\n"),
        Some(("kind", _)) => format!("kind: {kind}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// Single bytes; what is no text any more is replaced.
fn bytes(rng: &mut Rng, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=rng.below(4) {
        if bytes.is_empty() {
            break;
        }
        let place = rng.below(bytes.len() as u64) as usize;
        match rng.below(3) {
            0 => drop(bytes.remove(place)),
            1 => bytes[place] = rng.below(256) as u8,
            _ => bytes.insert(place, *pick(rng, b":-{}[]#&*!|>'\"%@`,? \t\n\r\0")),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn cut(rng: &mut Rng, text: &str) -> String {
    let end = rng.below(text.len() as u64 + 1) as usize;
    text.char_indices().take_while(|(at, _)| *at < end).map(|(_, character)| character).collect()
}

/// Aliases of aliases.
fn bomb(rng: &mut Rng, text: &str) -> String {
    let depth = 2 + rng.below(12);
    let width = 2 + rng.below(8) as usize;
    let mut lines = "a0: &a0 [x, x, x]\n".to_owned();
    for level in 1..depth {
        let each = format!("*a{}, ", level - 1).repeat(width);
        lines.push_str(&format!("a{level}: &a{level} [{each}]\n"));
    }
    format!("{lines}{text}")
}

/// Lists in lists, or maps in maps, deeper than anybody means.
fn nested(rng: &mut Rng, text: &str) -> String {
    let depth = 1 + rng.below(3000) as usize;
    let value = match rng.below(3) {
        0 => format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
        1 => format!("{}1{}", "{a: ".repeat(depth), "}".repeat(depth)),
        _ => "[".repeat(depth),
    };
    on_line(rng, text, |_, line| match line.split_once(':') {
        Some((key, _)) => format!("{key}: {value}"),
        None => value.clone(),
    })
}

/// The beginning of one manifest and the end of another.
fn spliced(rng: &mut Rng, text: &str, corpus: &Corpus) -> String {
    let other = pick(rng, &corpus.0).clone();
    let (start, end) = (cut(rng, text), cut(rng, &other));
    format!("{start}{}", &other[end.len()..])
}

/// A manifest that nobody wrote.
fn generated(rng: &mut Rng) -> String {
    let (version, kind) = *pick(rng, KINDS);
    let mut text = format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\n");
    for _ in 0..rng.below(4) {
        let key = *pick(rng, KEYS);
        text.push_str(&format!("{key}:"));
        value(rng, 1, &mut text);
    }
    text
}

fn value(rng: &mut Rng, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match rng.below(if depth > 5 { 1 } else { 4 }) {
        0 => text.push_str(&format!(" {}\n", pick(rng, VALUES))),
        1 => {
            text.push('\n');
            for _ in 0..=rng.below(3) {
                text.push_str(&format!("{indent}-"));
                value(rng, depth + 1, text);
            }
        }
        _ => {
            text.push('\n');
            for _ in 0..=rng.below(4) {
                text.push_str(&format!("{indent}{}:", pick(rng, KEYS)));
                value(rng, depth + 1, text);
            }
        }
    }
}
