//! What Tab can put at the end of a kubectl line: commands, types, the names of what is there, flags.

use kubestep_core::api::{Kind, Object};
use kubestep_core::apiserver::Store;
use kubestep_core::engine::command::sim;
use kubestep_core::kubectl;
use kubestep_core::order;

use crate::model::session::FILE;

/// Commands whose second word is a command again.
const SECOND: [(&str, &[&str]); 4] = [
    ("auth", &["can-i", "whoami"]),
    ("config", &["current-context", "get-contexts", "use-context", "view"]),
    ("rollout", &["history", "pause", "restart", "resume", "status", "undo"]),
    ("set", &["env", "image", "resources"]),
];

/// Commands that take the name of a node.
const OF_NODES: [&str; 3] = ["cordon", "drain", "uncordon"];

/// Flags by the command that takes them.
const FLAGS: [(&str, &[&str]); 13] = [
    ("apply", &["-f"]),
    ("create", &["-f"]),
    ("delete", &["--force", "--grace-period=", "--now", "--wait=false", "-f", "-l"]),
    ("diff", &["-f"]),
    ("drain", &["--delete-emptydir-data", "--force", "--ignore-daemonsets"]),
    ("expose", &["--port=", "--target-port=", "--type="]),
    ("get", &["--all-namespaces", "--watch", "-l", "-o"]),
    ("logs", &["--all-containers", "--follow", "--previous", "--tail=", "-c"]),
    ("replace", &["-f"]),
    ("rollout", &["--revision=", "--timeout=", "--to-revision="]),
    ("run", &["--image=", "--restart="]),
    ("scale", &["--replicas="]),
    ("wait", &["--for=", "--timeout="]),
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
    if given.last() == Some(&"-f") {
        return vec![FILE.to_owned()];
    }
    if begun.starts_with('-') {
        return FLAGS.iter().find(|(of, _)| of == command).map_or_else(Vec::new, |(_, flags)| owned(flags));
    }
    let second = SECOND.iter().find(|(of, _)| of == command);
    let targets = match (second, rest.split_first()) {
        (Some((_, all)), None) => return owned(all),
        (Some(_), Some((_, targets))) => targets,
        (None, _) => rest,
    };
    let targets: Vec<&str> = targets.iter().copied().filter(|word| !word.starts_with('-')).collect();
    if OF_NODES.contains(command) {
        return names(Kind::Node, store);
    }
    if let Some((kind, _)) = begun.split_once('/') {
        let Some(known) = Kind::from_word(kind) else { return Vec::new() };
        return names(known, store).into_iter().map(|name| format!("{kind}/{name}")).collect();
    }
    let Some(first) = targets.first() else { return types(store) };
    let (kind, name) =
        first.split_once('/').map_or((*first, targets.get(1).copied()), |(kind, name)| (kind, Some(name)));
    let Some(kind) = Kind::from_word(kind) else { return Vec::new() };
    match name {
        None => names(kind, store),
        Some(name) if given.starts_with(&["set", "image"]) => containers(kind, name, store),
        Some(_) => Vec::new(),
    }
}

/// What `sim` takes next, by its forms: `cut-off NODE`.
fn ordered(given: &[&str], store: &Store) -> Vec<String> {
    let mut forms = sim::FORMS.iter().map(|(form, _)| form.split(' '));
    let Some((verb, rest)) = given.split_first() else {
        return forms.filter_map(|mut form| form.next().map(str::to_owned)).collect();
    };
    let form = forms.find_map(|mut form| (form.next() == Some(*verb)).then_some(form));
    match form.and_then(|mut form| form.nth(rest.len())) {
        Some("NODE") => names(Kind::Node, store),
        Some("POD") => names(Kind::Pod, store),
        Some("STATUS") => owned(&["False", "True", "Unknown"]),
        Some("MODE") => owned(&["automatic", "held", "manual"]),
        _ => Vec::new(),
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Types that there is something of.
fn types(store: &Store) -> Vec<String> {
    let kinds = Kind::ALL.into_iter().filter(|kind| store.objects(*kind).next().is_some());
    kinds.map(|kind| kind.names().singular.to_owned()).collect()
}

fn names(kind: Kind, store: &Store) -> Vec<String> {
    store.objects(kind).map(|object| object.name().to_owned()).collect()
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
