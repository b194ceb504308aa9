//! `kubectl auth`: who one is, and what one may do. Upstream: `k8s.io/kubectl/pkg/cmd/auth`.

use std::rc::Rc;

use k8s_openapi::api::rbac::v1::PolicyRule;

use super::flags::{self, Arguments, Flag, Takes};
use super::parse::unknown_below;
use super::print::table::aligned;
use super::session::SessionTurn;
use super::{Apply, DEFAULT_NAMESPACE, requests};
use crate::api::Kind;
use crate::apiserver::rbac::{self, Access};
use crate::apiserver::{Person, User};

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Auth {
    /// `can-i VERB KIND`
    CanI(CanI),
    /// `can-i --list`
    List {
        /// Where.
        namespace: Rc<str>,
        /// Whether the table has a header.
        with_headers: bool,
    },
    /// `whoami`
    WhoAmI,
    /// `reconcile -f`
    Reconcile(Apply),
}

/// Whether a request would be allowed.
#[derive(Clone, Debug, PartialEq)]
pub struct CanI {
    verb: String,
    /// `deployments`, `/healthz`
    resource: String,
    subresource: String,
    name: String,
    /// Empty for every one.
    namespace: Rc<str>,
    is_quiet: bool,
}

const FLAGS: [Flag; 7] = [
    flags::NAMESPACE,
    flags::ALL_NAMESPACES,
    flags::OUTPUT,
    Flag::new("list", None, Takes::Nothing),
    Flag::new("no-headers", None, Takes::Nothing),
    Flag::new("quiet", Some('q'), Takes::Nothing),
    Flag::new("subresource", None, Takes::Text),
];

const TWO_ARGUMENTS: &str = "error: you must specify two arguments: verb resource or verb resource/resourceName.\nSee \
                             'kubectl auth can-i -h' for help and examples.";

/// Verbs that some resource knows.
const VERBS: [&str; 15] = [
    "approve",
    "bind",
    "create",
    "delete",
    "deletecollection",
    "escalate",
    "get",
    "impersonate",
    "list",
    "patch",
    "proxy",
    "sign",
    "update",
    "use",
    "watch",
];

impl Auth {
    /// Reads what follows `kubectl auth`.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Auth, String> {
        let (first, rest) = words.split_first().map_or(("", words), |(first, rest)| (first.as_str(), rest));
        match first {
            "can-i" => can_i(rest),
            "whoami" => {
                let arguments = Arguments::read("kubectl auth whoami", rest, &FLAGS)?;
                match arguments.names.is_empty() {
                    true => Ok(Auth::WhoAmI),
                    false => Err(format!(
                        "error: unexpected arguments: [{}]\nSee 'kubectl auth whoami -h' for help and examples",
                        arguments.names.join(" ")
                    )),
                }
            }
            "reconcile" => Apply::parse(rest, text).map(Auth::Reconcile),
            _ => Err(unknown_below("auth", words)),
        }
    }

    /// Plays one turn.
    #[inline(never)]
    pub(super) fn play(&self, turn: &mut SessionTurn<'_>) {
        match self {
            Auth::CanI(can_i) => can_i.print(turn),
            Auth::WhoAmI => {
                let (name, groups) = match turn.session.invocation.person.as_deref() {
                    Some(person) => (person.name.to_string(), person.groups.join(" ")),
                    None => (User::Admin.to_string(), "system:masters system:authenticated".to_owned()),
                };
                let text = format!("ATTRIBUTE\tVALUE\nUsername\t{name}\nGroups\t[{groups}]\n");
                turn.print(aligned(&text));
                turn.end(0);
            }
            Auth::List { namespace, with_headers } => list(turn, namespace, *with_headers),
            Auth::Reconcile(apply) => requests::play(apply, turn),
        }
    }
}

fn can_i(words: &[String]) -> Result<Auth, String> {
    let arguments = Arguments::read("kubectl auth can-i", words, &FLAGS)?;
    let namespace = arguments.text("namespace").filter(|name| !name.is_empty()).unwrap_or(DEFAULT_NAMESPACE);
    let namespace = if arguments.is_on("all-namespaces") { "" } else { namespace };
    if arguments.is_on("list") {
        if !arguments.names.is_empty() {
            return Err("error: list option must be specified with no arguments".to_owned());
        }
        return Ok(Auth::List { namespace: namespace.into(), with_headers: !arguments.is_on("no-headers") });
    }
    let (verb, resource, name) = match arguments.names.as_slice() {
        [verb, resource] if resource.starts_with('/') => (verb, resource.as_str(), ""),
        [verb, resource] => match resource.split_once('/') {
            Some((resource, name)) => (verb, resource, name),
            None => (verb, resource.as_str(), ""),
        },
        [verb, resource, name] => (verb, resource.as_str(), name.as_str()),
        _ => return Err(TWO_ARGUMENTS.to_owned()),
    };
    Ok(Auth::CanI(CanI {
        verb: verb.clone(),
        resource: resource.to_owned(),
        subresource: arguments.text("subresource").unwrap_or_default().to_owned(),
        name: name.to_owned(),
        namespace: namespace.into(),
        is_quiet: arguments.is_on("quiet"),
    }))
}

impl CanI {
    /// Prints the answer in one turn.
    fn print(&self, turn: &mut SessionTurn<'_>) {
        let is_url = self.resource.starts_with('/');
        let kind = if is_url { None } else { Kind::from_word(&self.resource) };
        let mut warnings = Vec::new();
        match kind {
            _ if is_url => {}
            _ if self.resource == "*" => {}
            None => warnings.push(format!("the server doesn't have a resource type '{}'", self.resource)),
            Some(kind) if !kind.is_namespaced() => {
                let (plural, group) = (kind.names().plural, kind.group());
                let of_group = if group.is_empty() { String::new() } else { format!(" in group '{group}'") };
                warnings.push(format!("resource '{plural}' is not namespace scoped{of_group}"));
            }
            Some(_) => {}
        }
        if !is_url && self.verb != "*" && !VERBS.contains(&self.verb.as_str()) {
            warnings.push(format!("verb '{}' is not a known verb", self.verb));
        }
        for warning in warnings.iter().filter(|_| !self.is_quiet) {
            turn.print_error(format!("Warning: {warning}\n\n"));
        }
        let plural = kind.map_or(self.resource.as_str(), |kind| kind.names().plural);
        let (resource, group) = match (kind, self.resource.split_once('.')) {
            (Some(kind), _) => (plural, kind.group()),
            (None, Some((resource, group))) => (resource, group),
            (None, None) => (plural, if plural == "*" { "*" } else { "" }),
        };
        let access = Access {
            verb: &self.verb,
            group,
            resource,
            subresource: &self.subresource,
            name: &self.name,
            namespace: &self.namespace,
        };
        let answer = self.decide(turn, access);
        if !self.is_quiet {
            turn.print(match &answer {
                Ok(()) => "yes\n".to_owned(),
                Err(reason) if reason.is_empty() => "no\n".to_owned(),
                Err(reason) => format!("no - {reason}\n"),
            });
        }
        turn.end(u8::from(answer.is_err()));
    }

    fn decide(&self, turn: &SessionTurn<'_>, access: Access<'_>) -> Result<(), String> {
        let Some(person) = turn.session.invocation.person.as_deref().filter(|it| !it.is_master()) else {
            // Who administers the cluster may do what nobody has heard of, too.
            return Ok(());
        };
        if !self.resource.starts_with('/') {
            return rbac::decide(turn.snapshot.store, person, access);
        }
        let found = rbac::rules_of(turn.snapshot.store, person, "");
        let rules = found.rules.iter().chain(&everybody(person)).any(|rule| {
            let verbs = rule.verbs.iter().any(|verb| verb == "*" || *verb == self.verb);
            let mut urls = rule.non_resource_urls.iter().flatten();
            verbs && urls.any(|url| is_below(url, &self.resource))
        });
        if rules { Ok(()) } else { Err(String::new()) }
    }
}

/// `/api/*` holds `/api/v1`.
fn is_below(url: &str, path: &str) -> bool {
    url == "*" || url == path || url.strip_suffix('*').is_some_and(|start| path.starts_with(start))
}

/// What everybody who is authenticated may do. Upstream: the bootstrap roles `system:basic-user`, `system:discovery` and
/// `system:public-info-viewer`.
fn everybody(person: &Person) -> Vec<PolicyRule> {
    if !person.groups.iter().any(|group| &**group == "system:authenticated") {
        return Vec::new();
    }
    let own = [
        ("authentication.k8s.io", "selfsubjectreviews"),
        ("authorization.k8s.io", "selfsubjectaccessreviews"),
        ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ];
    let own = own.map(|(group, resource)| PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(vec![resource.to_owned()]),
        verbs: vec!["create".to_owned()],
        ..PolicyRule::default()
    });
    const DISCOVERY: [&str; 11] = [
        "/api",
        "/api/*",
        "/apis",
        "/apis/*",
        "/healthz",
        "/livez",
        "/openapi",
        "/openapi/*",
        "/readyz",
        "/version",
        "/version/",
    ];
    const PUBLIC: [&str; 5] = ["/healthz", "/livez", "/readyz", "/version", "/version/"];
    let urls = DISCOVERY.iter().chain(&PUBLIC).map(|url| PolicyRule {
        non_resource_urls: Some(vec![(*url).to_owned()]),
        verbs: vec!["get".to_owned()],
        ..PolicyRule::default()
    });
    own.into_iter().chain(urls).collect()
}

fn list(turn: &mut SessionTurn<'_>, namespace: &str, with_headers: bool) {
    let admin = Person::named("kubernetes-admin", vec!["system:masters".into()]);
    let person = turn.session.invocation.person.as_deref().unwrap_or(&admin);
    let mut rules = rbac::rules_of(turn.snapshot.store, person, namespace).rules;
    rules.extend(everybody(person));
    let mut rows: Vec<[String; 4]> = rules.iter().flat_map(rows).collect();
    crate::order::sort_by_key(&mut rows, |[resource, url, _, verbs]| {
        let (name, group) = resource.split_once('.').unwrap_or((resource, ""));
        (verbs.clone(), resource.is_empty(), group.to_owned(), name.to_owned(), url.clone())
    });
    let mut text = String::new();
    if with_headers {
        text += "Resources\tNon-Resource URLs\tResource Names\tVerbs\n";
    }
    rows.iter().for_each(|row| text += &(row.join("\t") + "\n"));
    turn.print(aligned(&text));
    turn.end(0);
}

/// A rule, one resource or URL at a time.
fn rows(rule: &PolicyRule) -> Vec<[String; 4]> {
    let list = |list: &Option<Vec<String>>| format!("[{}]", list.as_deref().unwrap_or_default().join(" "));
    let verbs = format!("[{}]", rule.verbs.join(" "));
    let mut rows = Vec::new();
    for group in rule.api_groups.iter().flatten() {
        for resource in rule.resources.iter().flatten() {
            let name = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
            rows.push([name, "[]".to_owned(), list(&rule.resource_names), verbs.clone()]);
        }
    }
    for url in rule.non_resource_urls.iter().flatten() {
        rows.push([String::new(), format!("[{url}]"), "[]".to_owned(), verbs.clone()]);
    }
    rows
}
