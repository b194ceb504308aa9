//! What Tab can put at the end of a kubectl line: commands, types, the names of what is there, flags.

use kubestep_core::api::{Kind, Object};
use kubestep_core::apiserver::Store;
use kubestep_core::engine::command::sim;
use kubestep_core::kubectl;
use kubestep_core::order;

use crate::model::session::FILE;

/// Commands whose second word is a command again.
const SECOND: [(&str, &[&str]); 5] = [
    ("auth", &["can-i", "whoami"]),
    ("config", &["current-context", "get-contexts", "use-context", "view"]),
    (
        "create",
        &[
            "clusterrole",
            "clusterrolebinding",
            "configmap",
            "cronjob",
            "deployment",
            "job",
            "namespace",
            "role",
            "rolebinding",
            "secret",
            "service",
            "serviceaccount",
        ],
    ),
    ("rollout", &["history", "pause", "restart", "resume", "status", "undo"]),
    ("set", &["env", "image", "resources"]),
];

/// Commands that take the name of one kind alone.
const OF_ONE_KIND: [(&str, Kind); 5] = [
    ("cordon", Kind::Node),
    ("drain", Kind::Node),
    ("logs", Kind::Pod),
    ("exec", Kind::Pod),
    ("uncordon", Kind::Node),
];

/// Flags whose values are few.
const VALUES: [(&str, &[&str]); 5] = [
    ("--cascade", &["background", "foreground", "orphan"]),
    ("--dry-run", &["client", "none", "server"]),
    ("--output", &["custom-columns=", "json", "jsonpath=", "name", "wide", "yaml"]),
    ("--restart", &["Always", "Never", "OnFailure"]),
    ("--type", &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]),
];

/// Every word that can stand where the last word of `line` does and begins as it does, in alphabetical order. A line
/// that ends with a space asks for the next word.
pub fn words(line: &str, store: &Store) -> Vec<String> {
    let mut given: Vec<&str> = line.split_whitespace().collect();
    let begun = if line.ends_with(' ') || given.is_empty() { "" } else { given.pop().unwrap_or_default() };
    let is_named = given.first() == Some(&"kubectl");
    let mut words = match given.split_first() {
        Some((&"sim", rest)) => ordered(rest, store),
        _ => possible(&given[usize::from(is_named)..], begun, store),
    };
    if given.is_empty() {
        words.extend(owned(&["kubectl", "sim"]));
    }
    words.retain(|word| word.starts_with(begun));
    order::sort(&mut words);
    words.dedup();
    words
}

/// As much as all of `words` begin with.
pub fn common(words: &[String]) -> &str {
    let Some((first, rest)) = words.split_first() else { return "" };
    let shared =
        |other: &String| first.bytes().zip(other.bytes()).take_while(|(one, two)| one == two).count();
    let length = rest.iter().map(shared).min().unwrap_or(first.len());
    first.get(..length).unwrap_or_default()
}

fn possible(given: &[&str], begun: &str, store: &Store) -> Vec<String> {
    let Some((command, rest)) = given.split_first() else { return owned(kubectl::SIMULATED) };
    if let Some(values) = values_of_flag(given, begun, store) {
        return values;
    }
    if begun.starts_with('-') {
        return kubectl::flags_of(&given.join(" "));
    }
    let second = SECOND.iter().find(|(of, _)| of == command);
    let targets = match (second, rest.split_first()) {
        (Some((_, all)), None) => return owned(all),
        (Some(_), Some((_, targets))) => targets,
        (None, _) => rest,
    };
    let namespace = namespace(given);
    let targets: Vec<&str> = targets.iter().copied().filter(|word| !word.starts_with('-')).collect();
    if let Some((_, kind)) = OF_ONE_KIND.iter().find(|(of, _)| of == command) {
        return names(*kind, namespace, store);
    }
    if let Some((kind, _)) = begun.split_once('/') {
        let Some(known) = Kind::from_word(kind) else { return Vec::new() };
        return names(known, namespace, store).into_iter().map(|name| format!("{kind}/{name}")).collect();
    }
    let Some(first) = targets.first() else { return types(begun, store) };
    let (kind, name) =
        first.split_once('/').map_or((*first, targets.get(1).copied()), |(kind, name)| (kind, Some(name)));
    let Some(kind) = Kind::from_word(kind) else { return Vec::new() };
    match name {
        None => names(kind, namespace, store),
        Some(name) if given.starts_with(&["set", "image"]) => containers(kind, name, store),
        Some(_) => Vec::new(),
    }
}

/// What the flag takes that is being written: `-o y`, `--output=y`.
fn values_of_flag(given: &[&str], begun: &str, store: &Store) -> Option<Vec<String>> {
    let long = |flag: &str| match flag {
        "-f" => "--filename".to_owned(),
        "-n" => "--namespace".to_owned(),
        "-o" => "--output".to_owned(),
        flag => flag.to_owned(),
    };
    let (flag, prefix) = match begun.split_once('=') {
        Some((flag, _)) if flag.starts_with('-') => (flag, format!("{flag}=")),
        _ => (*given.last().filter(|word| word.starts_with('-') && !word.contains('='))?, String::new()),
    };
    let values = match long(flag).as_str() {
        "--filename" => vec![FILE.to_owned()],
        "--namespace" => names(Kind::Namespace, "", store),
        flag => owned(VALUES.iter().find(|(of, _)| *of == flag)?.1),
    };
    Some(values.into_iter().map(|value| format!("{prefix}{value}")).collect())
}

/// The namespace that a line is about.
fn namespace<'a>(given: &[&'a str]) -> &'a str {
    let named = given.iter().enumerate().find_map(|(place, word)| match *word {
        "-n" | "--namespace" => given.get(place + 1).copied(),
        word => word.strip_prefix("--namespace="),
    });
    named.unwrap_or("default")
}

/// What `sim` takes next, by its forms: `cut-off NODE`.
fn ordered(given: &[&str], store: &Store) -> Vec<String> {
    let mut forms = sim::FORMS.iter().map(|(form, _)| form.split(' '));
    let Some((verb, rest)) = given.split_first() else {
        return forms.filter_map(|mut form| form.next().map(str::to_owned)).collect();
    };
    let form = forms.find_map(|mut form| (form.next() == Some(*verb)).then_some(form));
    match form.and_then(|mut form| form.nth(rest.len())) {
        Some("NODE") => names(Kind::Node, "", store),
        Some("POD") => names(Kind::Pod, "default", store),
        Some("STATUS") => owned(&["False", "True", "Unknown"]),
        Some("MODE") => owned(&["automatic", "held", "manual"]),
        _ => Vec::new(),
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Types that there is something of; where none of them is begun, all that there are.
fn types(begun: &str, store: &Store) -> Vec<String> {
    let used = Kind::ALL.into_iter().filter(|kind| store.objects(*kind).next().is_some());
    let used: Vec<String> = used.map(|kind| kind.names().singular.to_owned()).collect();
    if used.iter().any(|name| name.starts_with(begun)) {
        return used;
    }
    Kind::built_in().map(|kind| kind.names().plural.to_owned()).collect()
}

fn names(kind: Kind, namespace: &str, store: &Store) -> Vec<String> {
    let all = store.objects(kind);
    let there = all.filter(|object| !kind.is_namespaced() || &*object.key().namespace == namespace);
    there.map(|object| object.name().to_owned()).collect()
}

/// `NAME=` of each container of a pod template.
fn containers(kind: Kind, name: &str, store: &Store) -> Vec<String> {
    let template = match store.objects(kind).find(|object| object.name() == name) {
        Some(Object::Deployment(deployment)) => deployment.spec.template.spec.clone(),
        Some(Object::StatefulSet(set)) => set.spec.template.spec.clone(),
        Some(Object::DaemonSet(set)) => set.spec.template.spec.clone(),
        _ => None,
    };
    template
        .map_or_else(Vec::new, |spec| spec.containers.iter().map(|each| format!("{}=", each.name)).collect())
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::lessons;

    fn at_rest() -> Rc<Store> {
        lessons::ALL[0].begin().timeline.head().store.clone()
    }

    #[test]
    fn commands_types_and_names_follow_each_other() {
        let store = at_rest();
        assert_eq!(words("kubectl sc", &store), ["scale"]);
        assert_eq!(words("kubectl rollout s", &store), ["status"]);
        assert_eq!(words("kubectl scale depl", &store), ["deployment"]);
        assert_eq!(words("kubectl scale deployment ", &store), ["my-deployment"]);
        assert_eq!(words("kubectl scale deploy/", &store), ["deploy/my-deployment"]);
        assert_eq!(words("set image deployment/my-deployment ", &store), ["my-container="]);
        assert_eq!(words("kubectl drain node-", &store), ["node-1", "node-2", "node-3"]);
        assert_eq!(words("kubectl delete pod x --gr", &store), ["--grace-period="]);
        assert_eq!(words("get pods -o y", &store), ["yaml"]);
        assert_eq!(words("get pods --output=j", &store), ["--output=json", "--output=jsonpath="]);
        assert_eq!(words("get pods -n kube-p", &store), ["kube-public"]);
        assert_eq!(words("get pods -n kube-public ", &store), Vec::<String>::new());
        assert_eq!(words("get cron", &store), ["cronjobs"]);
        assert_eq!(words("kubectl create con", &store), ["configmap"]);
        assert_eq!(words("apply -f ", &store), [FILE]);
        assert_eq!(words("sim cut", &store), ["cut-off"]);
        assert_eq!(words("sim cut-off node-2", &store), ["node-2"]);
    }

    #[test]
    fn pods_share_the_beginning_of_their_names() {
        let store = at_rest();
        let pods = words("kubectl delete pod my", &store);
        assert_eq!(pods.len(), 3);
        assert!(common(&pods).starts_with("my-deployment-") && common(&pods).ends_with('-'));
    }

    #[test]
    fn what_cannot_be_completed_stays_as_it_is() {
        let store = at_rest();
        assert!(words("kubectl frobnicate x", &store).is_empty());
        assert_eq!(common(&[]), "");
    }
}
