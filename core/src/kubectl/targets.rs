//! The objects that a command line names: `pods a b`, `deploy/web svc/web`, `-l app=web`, `-f web.yaml`.
//! Upstream: `k8s.io/cli-runtime/pkg/resource` (`Builder`).

use std::rc::Rc;

use super::failure::Failure;
use super::files::{self, Files, LAST_APPLIED};
use super::flags::Arguments;
use super::session::{Sending, SessionTurn};
use super::{DEFAULT_NAMESPACE, selector};
use crate::api::{Key, Kind, Object, ObjectRef, Selector};
use crate::apiserver::{ApiError, Reason, Station, Store, definitions};

/// Which objects a command is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Targets {
    /// Where objects without a namespace of their own are looked for; `None` is every namespace.
    pub(super) namespace: Option<Rc<str>>,
    /// Which ones.
    pub(super) selection: Selection,
}

/// How the objects are named.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Selection {
    /// By kind and name, in the order they were typed.
    Named(Vec<(Kind, Rc<str>)>),
    /// Every object of these kinds whose labels match.
    Matching(Vec<Kind>, Selector),
    /// The same with a selector that the API server cannot read: its text, and why.
    Unreadable(Vec<Kind>, Rc<str>, Rc<str>),
    /// By manifests.
    Files(Files),
}

/// How much a command wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// Every object of a kind will do.
    Kinds,
    /// Names, a selector or `--all`.
    Names,
}

/// One object of a command.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    /// The object.
    pub(super) reference: ObjectRef,
    /// The document that it comes from, by its place among the files' items.
    pub(super) item: Option<usize>,
}

/// The kinds that `all` stands for.
const ALL_KINDS: [Kind; 10] = [
    Kind::Pod,
    Kind::ReplicationController,
    Kind::Service,
    Kind::DaemonSet,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::StatefulSet,
    Kind::HorizontalPodAutoscaler,
    Kind::CronJob,
    Kind::Job,
];

const NOTHING_NAMED: &str = "error: You must provide one or more resources by argument or filename.\nExample resource \
    specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

const MIXED: &str = "error: there is no need to specify a resource type as a separate argument when passing arguments \
    in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource \
    resource/<resource_name>'";

impl Targets {
    /// Reads the names and flags of a command.
    ///
    /// # Errors
    /// kubectl's own words if they do not name objects.
    pub(super) fn read(arguments: &Arguments, files: Files, wants: Wants) -> Result<Targets, String> {
        let is_everywhere = arguments.is_on("all-namespaces");
        let namespace =
            arguments.text("namespace").filter(|name| !name.is_empty()).unwrap_or(DEFAULT_NAMESPACE);
        let namespace = (!is_everywhere).then(|| namespace.into());
        let selection = select(arguments, files, wants)?;
        let names_namespaced = match &selection {
            Selection::Named(names) => names.iter().any(|(kind, _)| kind.is_namespaced()),
            _ => false,
        };
        if is_everywhere && names_namespaced {
            return Err("error: a resource cannot be retrieved by name across all namespaces".to_owned());
        }
        Ok(Targets { namespace, selection })
    }

    /// What is said where nothing matches: with the namespace, unless every one was searched.
    pub(super) fn nothing_found(&self) -> String {
        let is_namespaced = self.kinds().iter().any(|kind| kind.is_namespaced());
        match self.namespace.as_ref().filter(|_| is_namespaced) {
            Some(namespace) => format!("No resources found in {namespace} namespace.\n"),
            None => "No resources found\n".to_owned(),
        }
    }

    /// The kinds it may find.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        match &self.selection {
            Selection::Named(names) => names.iter().map(|(kind, _)| *kind).collect(),
            Selection::Matching(kinds, _) | Selection::Unreadable(kinds, ..) => kinds.clone(),
            Selection::Files(files) => {
                files.items().iter().filter_map(|item| item.target()).map(|target| target.kind).collect()
            }
        }
    }

    /// The manifests that name them, if any do.
    pub(super) fn files(&self) -> Option<&Files> {
        if let Selection::Files(files) = &self.selection { Some(files) } else { None }
    }

    /// The manifests that name them, to be understood anew.
    pub(super) fn files_mut(&mut self) -> Option<&mut Files> {
        if let Selection::Files(files) = &mut self.selection { Some(files) } else { None }
    }

    /// Whether objects are asked for one by one.
    pub(super) fn is_by_name(&self) -> bool {
        !matches!(self.selection, Selection::Matching(..) | Selection::Unreadable(..))
    }

    /// Whether one object alone is asked for: then it is not shown as a list. Upstream: `singleItemImplied`.
    pub(super) fn is_one(&self) -> bool {
        match &self.selection {
            Selection::Named(names) => names.len() == 1,
            Selection::Matching(..) | Selection::Unreadable(..) => false,
            Selection::Files(files) => files.items().len() == 1,
        }
    }

    /// The objects as they are named, whether they exist or not; and the lists that were refused.
    pub(super) fn list(&self, turn: &SessionTurn<'_>) -> (Vec<Target>, Vec<Failure>) {
        let store = turn.snapshot.store;
        let mut failures = Vec::new();
        let targets = match &self.selection {
            Selection::Named(names) => {
                let mut targets = Vec::with_capacity(names.len());
                for (kind, name) in names {
                    match served(store, *kind) {
                        Ok(kind) => {
                            let reference = ObjectRef::new(kind, self.key(kind, name.clone()));
                            targets.push(Target { reference, item: None });
                        }
                        Err(failure) => failures.push(failure),
                    }
                }
                targets
            }
            Selection::Matching(kinds, selector) => {
                let mut targets = Vec::new();
                for kind in kinds {
                    let listed = served(store, *kind).and_then(|kind| {
                        turn.may("list", &ObjectRef::new(kind, self.key(kind, "".into())))?;
                        Ok(kind)
                    });
                    match listed {
                        Ok(kind) => targets.extend(
                            self.matching(store, kind, selector)
                                .map(|object| Target { reference: object.reference(), item: None }),
                        ),
                        Err(failure) => failures.push(failure),
                    }
                }
                targets
            }
            Selection::Unreadable(kinds, text, fault) => {
                failures.extend(kinds.iter().map(|kind| unreadable(*kind, text, fault)));
                Vec::new()
            }
            Selection::Files(files) => {
                let items = files.items().iter().enumerate();
                items
                    .filter_map(|(item, document)| {
                        Some(Target { reference: document.target()?, item: Some(item) })
                    })
                    .collect()
            }
        };
        (targets, failures)
    }

    /// The objects that exist, and what is said about the others.
    pub(super) fn read_all(&self, turn: &SessionTurn<'_>) -> (Vec<Object>, Vec<Failure>) {
        let (targets, mut failures) = self.list(turn);
        let mut found = Vec::with_capacity(targets.len());
        for target in targets {
            match self.read_one(turn, &target.reference) {
                Ok(object) => found.push(object),
                Err(failure) => failures.push(failure),
            }
        }
        (found, failures)
    }

    /// One object. What a list has let through is not asked for again.
    fn read_one(&self, turn: &SessionTurn<'_>, target: &ObjectRef) -> Result<Object, Failure> {
        if self.is_by_name() {
            turn.may("get", target)?;
        }
        turn.snapshot.store.object(target).ok_or_else(|| Failure::not_found(target.clone()))
    }

    /// The objects that exist, to send requests about them; `nothing` is said where none is named.
    pub(super) fn existing(&self, turn: &mut SessionTurn<'_>, nothing: &str) -> Sending {
        let (named, mut failures) = self.list(turn);
        let mut targets = Vec::with_capacity(named.len());
        for target in named {
            match self.read_one(turn, &target.reference) {
                Ok(_) => targets.push(target),
                Err(failure) => failures.push(failure),
            }
        }
        if let Selection::Files(files) = &self.selection {
            let faults = files
                .items()
                .iter()
                .filter_map(|item| Some(files::failure(item, item.content.as_ref().err()?)));
            failures.extend(faults);
        }
        if targets.is_empty() && failures.is_empty() {
            failures.push(Failure::own(nothing));
        }
        Sending { targets, failures, ..Sending::default() }
    }

    /// Whether an object is one of those that are named, or would be in their list.
    pub(super) fn is_meant(&self, object: &Object) -> bool {
        let (kind, key) = (object.kind(), object.key());
        let is_here =
            !kind.is_namespaced() || self.namespace.as_ref().is_none_or(|wanted| *wanted == key.namespace);
        match &self.selection {
            Selection::Named(names) => is_here && names.iter().any(|it| *it == (kind, key.name.clone())),
            Selection::Matching(kinds, selector) => {
                is_here && kinds.contains(&kind) && selector.matches(&object.meta().labels)
            }
            Selection::Unreadable(..) => false,
            Selection::Files(files) => {
                files.items().iter().any(|item| item.target().is_some_and(|it| it == object.reference()))
            }
        }
    }

    /// The key of a name in this command's namespace.
    pub(super) fn key(&self, kind: Kind, name: Rc<str>) -> Key {
        let namespace = if kind.is_namespaced() { self.namespace.clone() } else { None };
        Key::new(namespace.unwrap_or_default(), name)
    }

    /// The objects of a kind that this command's namespace and a selector let through, by namespace and name.
    fn matching<'a>(
        &'a self,
        store: &'a Store,
        kind: Kind,
        selector: &'a Selector,
    ) -> impl Iterator<Item = Object> + 'a {
        store.objects(kind).filter(move |object| {
            let namespace = &object.key().namespace;
            let is_here =
                !kind.is_namespaced() || self.namespace.as_ref().is_none_or(|wanted| wanted == namespace);
            is_here && selector.matches(&object.meta().labels)
        })
    }
}

fn select(arguments: &Arguments, files: Files, wants: Wants) -> Result<Selection, String> {
    let names = &arguments.names;
    if arguments.text("filename").is_some() {
        if !names.is_empty() {
            let extra = names.join(" ");
            return Err(format!(
                "error: when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well (found: {extra})"
            ));
        }
        return Ok(Selection::Files(files));
    }
    let text = arguments.text("selector").filter(|text| !text.trim().is_empty());
    let selector = text.map(selector::parse);
    let is_all = arguments.is_on("all");
    if is_all && selector.is_some() {
        return Err("error: cannot set --all and --selector at the same time".to_owned());
    }
    let Some(first) = names.first() else { return Err(NOTHING_NAMED.to_owned()) };
    if first.contains('/') {
        return names.iter().map(|name| slashed(name)).collect::<Result<_, _>>().map(Selection::Named);
    }
    let kinds = kinds_of(first)?;
    if names[1..].iter().any(|name| name.contains('/')) {
        return Err(MIXED.to_owned());
    }
    if names.len() == 1 {
        if wants == Wants::Names && !is_all && selector.is_none() {
            return Err("error: resource(s) were provided, but no name was specified".to_owned());
        }
        return Ok(match (selector, text) {
            (Some(Ok(selector)), _) => Selection::Matching(kinds, selector),
            (Some(Err(fault)), text) => {
                Selection::Unreadable(kinds, text.unwrap_or_default().into(), fault.into())
            }
            (None, _) => Selection::Matching(kinds, Selector::default()),
        });
    }
    if selector.is_some() {
        return Err("error: name cannot be provided when a selector is specified".to_owned());
    }
    if is_all {
        return Err("error: setting 'all' parameter but found a non empty selector. ".to_owned());
    }
    let each = kinds.iter().flat_map(|kind| names[1..].iter().map(|name| (*kind, name.as_str().into())));
    Ok(Selection::Named(each.collect()))
}

/// How the API server refuses to list objects by a selector that it cannot read.
fn unreadable(kind: Kind, text: &str, fault: &str) -> Failure {
    let what = format!("that match label selector {text:?}, field selector \"\": {fault}");
    let message = format!("Unable to find {:?} {what}", listed_as(kind));
    let error = ApiError::new(Reason::BadRequest, Station::Defaulting, message);
    Failure::refused(ObjectRef::new(kind, Key::new("", "")), Rc::new(error))
}

/// `/v1, Resource=pods`: how a kind is named where a list of it is refused.
pub(super) fn listed_as(kind: Kind) -> String {
    let resource = format!("{}, Resource={}", kind.names().api_version, kind.names().plural);
    // The core group has no name.
    if kind.group().is_empty() { format!("/{resource}") } else { resource }
}

fn slashed(word: &str) -> Result<(Kind, Rc<str>), String> {
    let Some((kind, name)) = word.split_once('/') else { return Err(MIXED.to_owned()) };
    if kind.is_empty() || name.is_empty() || name.contains('/') {
        return Err(format!(
            "error: arguments in resource/name form must have a single resource and name: {word}"
        ));
    }
    Ok((one_kind(kind)?, name.into()))
}

/// The kind that is meant, now that the store is known; refuses those whose definition is not, or no longer, there.
fn served(store: &Store, kind: Kind) -> Result<Kind, Failure> {
    definitions::meant(store, kind).ok_or_else(|| {
        let word = kind.names().plural;
        Failure::own(format!("the server doesn't have a resource type \"{word}\""))
    })
}

/// The kinds that `pods,svc` or `all` name.
pub(super) fn kinds_of(words: &str) -> Result<Vec<Kind>, String> {
    let mut kinds = Vec::new();
    for word in words.split(',').filter(|word| !word.is_empty()) {
        if word == "all" {
            kinds.extend(ALL_KINDS);
        } else {
            kinds.push(one_kind(word)?);
        }
    }
    Ok(kinds)
}

fn one_kind(word: &str) -> Result<Kind, String> {
    Kind::from_word(word).ok_or_else(|| {
        // What stands behind a full stop is taken for a group.
        let resource = word.split('.').next().unwrap_or(word);
        format!("error: the server doesn't have a resource type \"{resource}\"")
    })
}

/// `deployment.apps/web`
pub(super) fn shown(target: &ObjectRef) -> String {
    format!("{}/{}", target.kind.qualified_singular(), target.name())
}

/// Whether `kubectl apply` made this object.
pub(super) fn is_applied(object: &Object) -> bool {
    object.meta().annotations.contains_key(LAST_APPLIED)
}
