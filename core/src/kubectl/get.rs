//! `kubectl get`. Upstream: `k8s.io/kubectl/pkg/cmd/get`.

use std::rc::Rc;

use serde_json::{Value, json};

use super::failure::Failure;
use super::field_selector::FieldSelector;
use super::files::Files;
use super::flags::{self, Arguments, Flag, Takes};
use super::print::custom_columns::Columns;
use super::print::jsonpath::{self, Path, Template};
use super::print::{table, yaml};
use super::session::{Following, Heard, SessionTurn, Stage, Watching};
use super::shape;
use super::targets::{Targets, Wants, shown};
use crate::api::{Kind, Object, ObjectRef};
use crate::apiserver::Reason;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Get {
    pub(super) targets: Targets,
    output: Output,
    ignores_not_found: bool,
    fields: FieldSelector,
    /// What they are sorted by, and how its path is told of.
    sort_by: Option<(String, Path)>,
    watch: Watch,
}

/// Whether what happens later is shown too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watch {
    /// What is there now.
    No,
    /// What is there now, and every change.
    Also,
    /// Every change.
    Only,
}

/// How objects are shown.
#[derive(Clone, Debug, PartialEq)]
enum Output {
    Table(table::Options),
    Yaml,
    Json,
    Name,
    JsonPath(Template),
    Columns { columns: Columns, without_headers: bool },
}

const FLAGS: [Flag; 14] = [
    flags::FILENAME,
    flags::NAMESPACE,
    flags::ALL_NAMESPACES,
    flags::SELECTOR,
    flags::OUTPUT,
    Flag::new("watch", Some('w'), Takes::Nothing),
    Flag::new("watch-only", None, Takes::Nothing),
    Flag::new("output-watch-events", None, Takes::Nothing),
    Flag::new("show-labels", None, Takes::Nothing),
    Flag::new("label-columns", Some('L'), Takes::Text),
    Flag::new("no-headers", None, Takes::Nothing),
    Flag::new("ignore-not-found", None, Takes::Nothing),
    Flag::new("field-selector", None, Takes::Text),
    Flag::new("sort-by", None, Takes::Text),
];

impl Get {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Get, String> {
        let arguments = Arguments::read("kubectl get", words, &FLAGS)?;
        let files = Files::read(&arguments, text)?;
        if arguments.names.is_empty() && files.items().is_empty() {
            return Err("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list \
                        of supported resources.\n\nerror: Required resource not specified.\nUse \"kubectl explain \
                        <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \
                        'kubectl get -h' for help and examples"
                .to_owned());
        }
        let targets = Targets::read(&arguments, files, Wants::Kinds)?;
        let watch = match (arguments.is_on("watch-only"), arguments.is_on("watch")) {
            (true, _) => Watch::Only,
            (false, true) => Watch::Also,
            (false, false) => Watch::No,
        };
        if watch != Watch::No && targets.kinds().windows(2).any(|pair| pair[0] != pair[1]) {
            return Err("error: you may only specify a single resource type".to_owned());
        }
        let options = table::Options {
            with_event: watch != Watch::No && arguments.is_on("output-watch-events"),
            event: "",
            is_wide: arguments.text("output") == Some("wide"),
            with_namespace: arguments.is_on("all-namespaces"),
            with_kind: targets.kinds().windows(2).any(|pair| pair[0] != pair[1]),
            without_headers: arguments.is_on("no-headers"),
            label_columns: arguments
                .texts("label-columns")
                .flat_map(|labels| labels.split(','))
                .map(str::to_owned)
                .collect(),
            show_labels: arguments.is_on("show-labels"),
        };
        let output = match arguments.text("output") {
            None | Some("" | "wide") => Output::Table(options),
            Some("yaml") => Output::Yaml,
            Some("json") => Output::Json,
            Some("name") => Output::Name,
            Some(other) => chosen(other, options.without_headers)?,
        };
        let fields = FieldSelector::parse(arguments.text("field-selector").unwrap_or_default())?;
        let sort_by = arguments.text("sort-by").filter(|path| !path.is_empty()).map(sorted_by).transpose()?;
        Ok(Get {
            targets,
            output,
            ignores_not_found: arguments.is_on("ignore-not-found"),
            fields,
            sort_by,
            watch,
        })
    }

    /// Prints what is there, and then, if it watches, what happens.
    #[inline(never)]
    pub(super) fn play(&self, turn: &mut SessionTurn<'_>) {
        match turn.session.stage.clone() {
            Stage::Following(following) => self.tell(turn, &following),
            _ if self.watch != Watch::No => self.begin_watch(turn),
            _ => self.print(turn),
        }
    }

    /// The first look of a watch: what is there is as new as what comes.
    fn begin_watch(&self, turn: &mut SessionTurn<'_>) {
        let Some(kind) = self.targets.kinds().first().copied() else { return turn.end(0) };
        if let Some(refusal) = self.fields.refusal(kind) {
            return turn.finish(&[refusal]);
        }
        turn.warn_of(kind);
        let all = ObjectRef::new(kind, self.targets.key(kind, "".into()));
        let (mut objects, mut failures) = self.targets.read_all(turn);
        if failures.is_empty() {
            failures.extend(turn.may("watch", &all).err());
        }
        if !failures.is_empty() {
            return turn.finish(&failures);
        }
        objects.retain(|object| self.fields.matches(object));
        let mut following = Following::default();
        if self.watch == Watch::Also && !objects.is_empty() {
            self.say(turn, kind, &objects, "ADDED", &mut following);
        }
        turn.follow(Watching::Kind(kind), following);
    }

    /// Prints what it was told of since it looked last.
    fn tell(&self, turn: &mut SessionTurn<'_>, following: &Following) {
        let mut following = following.clone();
        let heard = turn.take_heard();
        for Heard { object, is_new, is_gone } in heard.iter() {
            if !self.targets.is_meant(object) || !self.fields.matches(object) {
                continue;
            }
            let event = match (is_new, is_gone) {
                (_, true) => "DELETED",
                (true, false) => "ADDED",
                (false, false) => "MODIFIED",
            };
            self.say(turn, object.kind(), std::slice::from_ref(object), event, &mut following);
        }
        turn.session.stage = Stage::Following(Rc::new(following));
    }

    /// Prints objects of a watch. A table has its header once.
    fn say(
        &self,
        turn: &mut SessionTurn<'_>,
        kind: Kind,
        objects: &[Object],
        event: &'static str,
        following: &mut Following,
    ) {
        let is_first = following.widths.is_none();
        let mut fault = None;
        let widths = following.widths.get_or_insert_default();
        let text = match &self.output {
            Output::Table(options) => {
                let mut options = options.clone();
                options.without_headers |= !is_first;
                options.event = event;
                table::aligned_below(&table::lines(kind, objects, &options, turn.snapshot.now), widths)
            }
            Output::Name => objects.iter().map(|object| shown(&object.reference()) + "\n").collect(),
            Output::Yaml => objects
                .iter()
                .enumerate()
                .map(|(place, object)| {
                    let divider = if is_first && place == 0 { "" } else { "---\n" };
                    format!("{divider}{}", yaml::yaml(&object.to_json()))
                })
                .collect(),
            Output::Json => objects.iter().map(|object| yaml::json(&object.to_json())).collect(),
            Output::JsonPath(template) => {
                let mut text = String::new();
                let print = |object: &Object| template.print(&object.to_json(), &mut text);
                fault = objects.iter().try_for_each(print).err();
                text
            }
            Output::Columns { columns, without_headers } => {
                let shown: Vec<Value> = objects.iter().map(Object::to_json).collect();
                columns.table(&shown, *without_headers || !is_first).unwrap_or_else(|told| {
                    fault = Some(told);
                    String::new()
                })
            }
        };
        if !text.is_empty() {
            turn.print(text);
        }
        if let Some(fault) = fault {
            turn.finish(&[Failure::own(fault)]);
        }
    }

    /// Prints everything in one turn.
    fn print(&self, turn: &mut SessionTurn<'_>) {
        if let Some(refusal) = self.targets.kinds().into_iter().find_map(|kind| self.fields.refusal(kind)) {
            return turn.finish(&[refusal]);
        }
        self.targets.kinds().into_iter().for_each(|kind| turn.warn_of(kind));
        let (mut objects, mut failures) = self.targets.read_all(turn);
        objects.retain(|object| self.fields.matches(object));
        if let Some((text, path)) = &self.sort_by {
            let has_it = |object: &Object| !path.find(&object.to_json()).is_empty();
            if !objects.is_empty() && !objects.iter().any(has_it) {
                let fault =
                    format!("couldn't find any field with path \"{{{text}}}\" in the list of objects");
                return turn.finish(&[Failure::own(fault)]);
            }
            objects.sort_by_cached_key(|object| sort_key(path, object));
        }
        if self.ignores_not_found {
            failures.retain(|failure| {
                !matches!(failure, Failure::Refused { error, .. } if error.reason == Reason::NotFound)
            });
        }
        let is_list = !self.targets.is_one() || objects.len() > 1;
        // Who asks for one object alone is told why it is not there, and nothing else.
        if objects.is_empty() && !is_list && !matches!(self.output, Output::Table(_)) {
            return turn.finish(&failures);
        }
        let text = match &self.output {
            Output::Table(options) => tables(&objects, options, turn),
            Output::JsonPath(template) => {
                let mut text = String::new();
                let printed = template.print(&as_json(&objects, is_list), &mut text);
                failures.extend(printed.err().map(Failure::own));
                text
            }
            Output::Columns { columns, without_headers } => {
                let shown: Vec<Value> = objects.iter().map(Object::to_json).collect();
                columns.table(&shown, *without_headers).unwrap_or_else(|fault| {
                    failures.push(Failure::own(fault));
                    String::new()
                })
            }
            Output::Name => objects.iter().map(|object| shown(&object.reference()) + "\n").collect(),
            Output::Yaml => yaml::yaml(&as_json(&objects, is_list)),
            Output::Json => yaml::json(&as_json(&objects, is_list)),
        };
        if !text.is_empty() {
            turn.print(text);
        } else if failures.is_empty() && !self.ignores_not_found && matches!(self.output, Output::Table(_)) {
            turn.print_error(self.targets.nothing_found());
        }
        turn.finish(&failures);
    }
}

/// `.metadata.name`, `metadata.name` or `{.metadata.name}`.
fn sorted_by(text: &str) -> Result<(String, Path), String> {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    if inner.contains(['{', '}']) {
        return Err("error: sorting error: unclosed action".to_owned());
    }
    let path = Path::of_column(inner).map_err(|fault| format!("error: sorting error: {fault}"))?;
    Ok((format!(".{}", inner.strip_prefix('.').unwrap_or(inner)), path))
}

/// What an object is sorted by: numbers by their size, before all texts.
fn sort_key(path: &Path, object: &Object) -> (Option<i64>, String) {
    let json = object.to_json();
    match path.find(&json).first() {
        Some(Value::Number(number)) => (number.as_i64(), String::new()),
        Some(value) => (Some(i64::MAX), jsonpath::shown(value)),
        None => (None, String::new()),
    }
}

/// The formats in which kubectl prints objects.
const FORMATS: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,\
                       jsonpath-file,kyaml,name,template,templatefile,wide,yaml";

/// An output that a person describes.
fn chosen(text: &str, without_headers: bool) -> Result<Output, String> {
    let (format, argument) = text.split_once('=').unwrap_or((text, ""));
    match format {
        "jsonpath" | "jsonpath-as-json" if argument.is_empty() => {
            Err("error: template format specified but no template given".to_owned())
        }
        "jsonpath" => Template::parse(argument)
            .map(Output::JsonPath)
            .map_err(|fault| format!("error: error parsing jsonpath {argument}, {fault}")),
        "custom-columns" => {
            Columns::parse(argument).map(|columns| Output::Columns { columns, without_headers })
        }
        _ => {
            let simulated = "wide, yaml, json, name, jsonpath and custom-columns";
            Err(shape::no_printer(text, FORMATS, simulated))
        }
    }
}

/// A table per kind, with an empty line between them.
fn tables(objects: &[Object], options: &table::Options, turn: &SessionTurn<'_>) -> String {
    let mut tables = Vec::new();
    for group in objects.chunk_by(|one, other| one.kind() == other.kind()) {
        let kind: Kind = group[0].kind();
        tables.push(table::table(kind, group, options, turn.snapshot.now));
    }
    tables.join("\n")
}

fn as_json(objects: &[Object], is_list: bool) -> Value {
    if let ([object], false) = (objects, is_list) {
        return object.to_json();
    }
    let items: Vec<Value> = objects.iter().map(Object::to_json).collect();
    json!({ "apiVersion": "v1", "items": items, "kind": "List", "metadata": { "resourceVersion": "" } })
}
