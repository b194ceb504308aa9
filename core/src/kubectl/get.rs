//! `kubectl get`. Upstream: `k8s.io/kubectl/pkg/cmd/get`.

use serde_json::{Value, json};

use super::failure::Failure;
use super::field_selector::FieldSelector;
use super::files::Files;
use super::flags::{self, Arguments, Flag, Takes};
use super::print::custom_columns::Columns;
use super::print::jsonpath::{self, Path, Template};
use super::print::{table, yaml};
use super::session::SessionTurn;
use super::targets::{Targets, Wants, shown};
use crate::api::{Kind, Object};
use crate::apiserver::Reason;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Get {
    targets: Targets,
    output: Output,
    ignores_not_found: bool,
    fields: FieldSelector,
    sort_by: Option<Path>,
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

const FLAGS: [Flag; 12] = [
    flags::FILENAME,
    flags::NAMESPACE,
    flags::ALL_NAMESPACES,
    flags::SELECTOR,
    flags::OUTPUT,
    Flag::new("watch", Some('w'), Takes::Nothing),
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
        if arguments.is_on("watch") {
            return Err("error: --watch is not simulated".to_owned());
        }
        let files = Files::read(&arguments, text)?;
        if arguments.names.is_empty() && files.items().is_empty() {
            return Err("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list \
                        of supported resources.\n\nerror: Required resource not specified.\nUse \"kubectl explain \
                        <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \
                        'kubectl get -h' for help and examples"
                .to_owned());
        }
        let targets = Targets::read(&arguments, files, Wants::Kinds)?;
        let options = table::Options {
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
        let sort_by = arguments.text("sort-by").map(Path::of_column).transpose();
        let sort_by = sort_by.map_err(|fault| format!("error: {fault}"))?;
        Ok(Get { targets, output, ignores_not_found: arguments.is_on("ignore-not-found"), fields, sort_by })
    }

    /// Prints everything in one turn.
    #[inline(never)]
    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        if let Some(refusal) = self.targets.kinds().into_iter().find_map(|kind| self.fields.refusal(kind)) {
            return turn.finish(&[refusal]);
        }
        self.targets.kinds().into_iter().for_each(|kind| turn.warn_of(kind));
        let (mut objects, mut failures) = self.targets.read_all(turn.snapshot.store);
        objects.retain(|object| self.fields.matches(object));
        if let Some(path) = &self.sort_by {
            objects.sort_by_cached_key(|object| sort_key(path, object));
        }
        if self.ignores_not_found {
            failures.retain(|failure| {
                !matches!(failure, Failure::Refused { error, .. } if error.reason == Reason::NotFound)
            });
        }
        let is_list = !self.targets.is_by_name() || objects.len() > 1;
        let text = match &self.output {
            Output::Table(options) => tables(&objects, options, turn),
            Output::JsonPath(template) if objects.is_empty() && !is_list => template.print(&Value::Null),
            Output::JsonPath(template) => template.print(&as_json(&objects, is_list)),
            Output::Columns { columns, without_headers } => {
                let shown: Vec<Value> = objects.iter().map(Object::to_json).collect();
                columns.table(&shown, *without_headers)
            }
            Output::Name => objects.iter().map(|object| shown(&object.reference()) + "\n").collect(),
            Output::Yaml if objects.is_empty() && !is_list => String::new(),
            Output::Json if objects.is_empty() && !is_list => String::new(),
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

/// What an object is sorted by: numbers by their size, before all texts.
fn sort_key(path: &Path, object: &Object) -> (Option<i64>, String) {
    let json = object.to_json();
    match path.find(&json).first() {
        Some(Value::Number(number)) => (number.as_i64(), String::new()),
        Some(value) => (Some(i64::MAX), jsonpath::shown(value)),
        None => (None, String::new()),
    }
}

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
        _ => Err(format!(
            "error: -o {text} is not simulated; -o wide, yaml, json, name, jsonpath and custom-columns are"
        )),
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
