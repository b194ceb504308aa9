//! What `kubectl create` makes of a command line for those who ask and what they may do: `serviceaccount`, `role`,
//! `clusterrole`, `rolebinding`, `clusterrolebinding`; and `quota`, `poddisruptionbudget`, `priorityclass`.
//! Upstream: `k8s.io/kubectl/pkg/cmd/create`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::create::{named, one_name};
use super::flags::{self, Arguments, Flag, Takes};
use crate::api::Kind;

/// A kind, an object of it, and how a refusal of it is told.
pub(super) type Made = (Kind, Value, &'static str, Arguments);

const GROUP: &str = "rbac.authorization.k8s.io";

const FLAGS: [Flag; 21] = [
    flags::DRY_RUN,
    flags::NAMESPACE,
    flags::OUTPUT,
    flags::SELECTOR,
    Flag::new("aggregation-rule", None, Takes::Text),
    Flag::new("clusterrole", None, Takes::Text),
    Flag::new("description", None, Takes::Text),
    Flag::new("global-default", None, Takes::Nothing),
    Flag::new("group", None, Takes::Text),
    Flag::new("hard", None, Takes::Text),
    Flag::new("max-unavailable", None, Takes::Text),
    Flag::new("min-available", None, Takes::Text),
    Flag::new("non-resource-url", None, Takes::Text),
    Flag::new("preemption-policy", None, Takes::Text),
    Flag::new("resource", None, Takes::Text),
    Flag::new("resource-name", None, Takes::Text),
    Flag::new("role", None, Takes::Text),
    Flag::new("serviceaccount", None, Takes::Text),
    Flag::new("user", None, Takes::Text),
    Flag::new("value", None, Takes::Number),
    Flag::new("verb", None, Takes::Text),
];

/// An object as it is asked for: its kind, its fields, and what kubectl calls it.
type Drafted = Result<(Kind, Value, &'static str), String>;

/// Reads what follows `kubectl create`, if it is one of these.
pub(super) fn read(words: &[String]) -> Option<Result<Made, String>> {
    let (first, rest) = words.split_first()?;
    let make: fn(&Arguments) -> Drafted = match first.as_str() {
        "serviceaccount" | "sa" => service_account,
        "role" => role,
        "clusterrole" => cluster_role,
        "rolebinding" => role_binding,
        "clusterrolebinding" => cluster_role_binding,
        "quota" | "resourcequota" => quota,
        "poddisruptionbudget" | "pdb" => disruption_budget,
        "priorityclass" | "pc" => priority_class,
        _ => return None,
    };
    let read = Arguments::read(&format!("kubectl create {first}"), rest, &FLAGS);
    Some(read.and_then(|arguments| {
        let (kind, object, told_as) = make(&arguments)?;
        Ok((kind, object, told_as, arguments))
    }))
}

/// The values of a flag that may be repeated, or have several values between commas.
fn listed(arguments: &Arguments, flag: &'static str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in arguments.texts(flag).flat_map(|values| values.split(',')).filter(|it| !it.is_empty()) {
        if !values.iter().any(|known| known == value) {
            values.push(value.to_owned());
        }
    }
    values
}

fn service_account(arguments: &Arguments) -> Drafted {
    let metadata = named(one_name(arguments)?, arguments);
    Ok((Kind::ServiceAccount, json!({ "metadata": metadata }), "serviceaccount"))
}

fn role(arguments: &Arguments) -> Drafted {
    let metadata = named(one_name(arguments)?, arguments);
    Ok((Kind::Role, json!({ "metadata": metadata, "rules": rules(arguments)? }), "role"))
}

fn cluster_role(arguments: &Arguments) -> Drafted {
    let metadata = json!({ "name": one_name(arguments)? });
    if let Some(labels) = arguments.text("aggregation-rule") {
        let labels: Map<String, Value> = labels
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), json!(value)))
            .collect();
        let rule = json!({ "clusterRoleSelectors": [{ "matchLabels": labels }] });
        let object = json!({ "metadata": metadata, "aggregationRule": rule, "rules": [] });
        return Ok((Kind::ClusterRole, object, "clusterrole"));
    }
    let urls = listed(arguments, "non-resource-url");
    let mut all = Vec::new();
    if urls.is_empty() || !listed(arguments, "resource").is_empty() {
        all = rules(arguments)?;
    }
    if !urls.is_empty() {
        all.push(json!({ "nonResourceURLs": urls, "verbs": listed(arguments, "verb") }));
    }
    Ok((Kind::ClusterRole, json!({ "metadata": metadata, "rules": all }), "clusterrole"))
}

/// One rule for each API group.
fn rules(arguments: &Arguments) -> Result<Vec<Value>, String> {
    let (verbs, resources) = (listed(arguments, "verb"), listed(arguments, "resource"));
    if verbs.is_empty() {
        return Err("error: at least one verb must be specified".to_owned());
    }
    if resources.is_empty() {
        return Err("error: at least one resource must be specified".to_owned());
    }
    let names = listed(arguments, "resource-name");
    if resources.len() > 1 && !names.is_empty() {
        return Err("error: resource name(s) can not be applied to multiple resources".to_owned());
    }
    let mut groups: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for resource in &resources {
        if resource == "*" {
            groups.entry("*").or_default().push("*".to_owned());
            continue;
        }
        let (word, below) =
            resource.split_once('/').map_or((resource.as_str(), None), |(word, below)| (word, Some(below)));
        let kind = Kind::from_word(word)
            .ok_or_else(|| format!("error: the server doesn't have a resource type \"{word}\""))?;
        let plural = kind.names().plural;
        let name = below.map_or_else(|| plural.to_owned(), |below| format!("{plural}/{below}"));
        groups.entry(kind.group()).or_default().push(name);
    }
    let rule = |(group, resources): (&str, Vec<String>)| {
        let mut rule = json!({ "apiGroups": [group], "resources": resources, "verbs": verbs });
        if !names.is_empty() {
            rule["resourceNames"] = json!(names);
        }
        rule
    };
    Ok(groups.into_iter().map(rule).collect())
}

fn role_binding(arguments: &Arguments) -> Drafted {
    let metadata = named(one_name(arguments)?, arguments);
    let (kind, name) = match (arguments.text("clusterrole"), arguments.text("role")) {
        (Some(name), None) => ("ClusterRole", name),
        (None, Some(name)) => ("Role", name),
        _ => return Err("error: exactly one of clusterrole or role must be specified".to_owned()),
    };
    let object = binding(&metadata, kind, name, subjects(arguments)?);
    Ok((Kind::RoleBinding, object, "rolebinding"))
}

fn cluster_role_binding(arguments: &Arguments) -> Drafted {
    let metadata = json!({ "name": one_name(arguments)? });
    let role = arguments
        .text("clusterrole")
        .ok_or_else(|| "error: required flag(s) \"clusterrole\" not set".to_owned())?;
    let object = binding(&metadata, "ClusterRole", role, subjects(arguments)?);
    Ok((Kind::ClusterRoleBinding, object, "clusterrolebinding"))
}

fn binding(metadata: &Value, kind: &str, name: &str, subjects: Vec<Value>) -> Value {
    let role = json!({ "apiGroup": GROUP, "kind": kind, "name": name });
    if subjects.is_empty() {
        return json!({ "metadata": metadata, "roleRef": role });
    }
    json!({ "metadata": metadata, "roleRef": role, "subjects": subjects })
}

fn subjects(arguments: &Arguments) -> Result<Vec<Value>, String> {
    let of = |kind: &'static str, flag: &'static str| {
        let names = listed(arguments, flag).into_iter();
        names.map(move |name| json!({ "apiGroup": GROUP, "kind": kind, "name": name }))
    };
    let mut subjects: Vec<Value> = of("User", "user").chain(of("Group", "group")).collect();
    for account in listed(arguments, "serviceaccount") {
        let parts: Vec<&str> = account.split(':').collect();
        let [namespace, name] = parts.as_slice() else {
            return Err("error: serviceaccount must be <namespace>:<name>".to_owned());
        };
        subjects.push(json!({ "kind": "ServiceAccount", "name": name, "namespace": namespace }));
    }
    Ok(subjects)
}

fn quota(arguments: &Arguments) -> Drafted {
    let metadata = named(one_name(arguments)?, arguments);
    let mut hard = Map::new();
    for pair in listed(arguments, "hard") {
        let Some((resource, amount)) = pair.split_once('=') else {
            return Err(format!(
                "error: failed to create quota: Invalid argument syntax {pair}, expected <resource>=<value>"
            ));
        };
        hard.insert(resource.to_owned(), json!(amount));
    }
    Ok((Kind::ResourceQuota, json!({ "metadata": metadata, "spec": { "hard": hard } }), "quota"))
}

fn disruption_budget(arguments: &Arguments) -> Drafted {
    let metadata = named(one_name(arguments)?, arguments);
    let selector = arguments.text("selector").ok_or("error: a selector must be specified")?;
    let labels: Map<String, Value> = selector
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.trim_end_matches('=').to_owned(), json!(value.trim_start_matches('='))))
        .collect();
    let amount = |text: &str| text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number));
    let mut spec = json!({ "selector": { "matchLabels": labels } });
    match (arguments.text("min-available"), arguments.text("max-unavailable")) {
        (Some(_), Some(_)) => {
            return Err("error: min-available and max-unavailable cannot be both specified".to_owned());
        }
        (Some(least), None) => spec["minAvailable"] = amount(least),
        (None, Some(most)) => spec["maxUnavailable"] = amount(most),
        (None, None) => {
            return Err("error: one of min-available or max-unavailable must be specified".to_owned());
        }
    }
    let object = json!({ "metadata": metadata, "spec": spec });
    Ok((Kind::PodDisruptionBudget, object, "poddisruptionbudgets"))
}

fn priority_class(arguments: &Arguments) -> Drafted {
    let object = json!({
        "metadata": { "name": one_name(arguments)? },
        "value": arguments.number("value").unwrap_or(0),
        "globalDefault": arguments.is_on("global-default"),
        "description": arguments.text("description").unwrap_or_default(),
        "preemptionPolicy": arguments.text("preemption-policy").unwrap_or("PreemptLowerPriority"),
    });
    Ok((Kind::PriorityClass, object, "priorityclass"))
}
