//! How a command that writes answers: in words, by name or whole; and whether it only pretends (`--dry-run`).
//! Upstream: `k8s.io/cli-runtime/pkg/genericclioptions` (`PrintFlags`), `k8s.io/kubectl/pkg/cmd/util` (`GetDryRunStrategy`).

use serde_json::{Map, Value, json};

use super::flags::Arguments;
use super::print::yaml;
use crate::api::Kind;

/// How a command answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Whether it only pretends.
    pub(super) dry_run: DryRun,
    output: Output,
}

/// Whether a command only pretends, and how far a request goes then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum DryRun {
    /// It does what it says.
    #[default]
    No,
    /// Nothing is sent.
    Client,
    /// The API server takes the request through every station but the last.
    Server,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Output {
    #[default]
    Words,
    Name,
    Yaml,
    Json,
}

impl Shape {
    /// A command that does what it says, and says so in words.
    pub(super) const PLAIN: Shape = Shape { dry_run: DryRun::No, output: Output::Words };

    /// Reads `-o` and `--dry-run`.
    ///
    /// # Errors
    /// kubectl's own words for values that it does not know.
    pub(super) fn read(arguments: &Arguments) -> Result<Shape, String> {
        let output = match arguments.text("output") {
            None | Some("") => Output::Words,
            Some("name") => Output::Name,
            Some("yaml") => Output::Yaml,
            Some("json") => Output::Json,
            Some(other) => return Err(no_printer(other, FORMATS, "name, yaml and json")),
        };
        Ok(Shape { dry_run: dry_run(arguments)?, output })
    }

    /// Whether `-o name` was asked for.
    pub(super) fn is_name(self) -> bool {
        self.output == Output::Name
    }

    /// Whether objects are printed whole.
    pub(super) fn is_whole(self) -> bool {
        matches!(self.output, Output::Yaml | Output::Json)
    }

    /// `deployment.apps/web created (dry run)`: a line, and that nothing came of it. Names alone stay as they are.
    pub(super) fn told(self, line: &str) -> String {
        let suffix = match self.dry_run {
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
            DryRun::No => return line.to_owned(),
        };
        if self.is_name() {
            return line.to_owned();
        }
        line.lines().map(|line| format!("{line}{suffix}\n")).collect()
    }

    /// An object as a whole.
    pub(super) fn whole(self, object: &Value) -> String {
        if self.output == Output::Json { yaml::json(object) } else { yaml::yaml(object) }
    }
}

/// The formats in which kubectl prints what a command has changed.
pub(super) const FORMATS: &str = "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml";

/// What is said of `-o output`: it is none of the `formats`, or it is one, but none of the `simulated`.
/// Upstream: `NoCompatiblePrinterError`.
pub(super) fn no_printer(output: &str, formats: &str, simulated: &str) -> String {
    let name = output.split_once('=').map_or(output, |(name, _)| name);
    if formats.split(',').any(|known| known == name) {
        return format!("error: -o {output} is not simulated for this command; -o {simulated} are");
    }
    format!(
        "error: unable to match a printer suitable for the output format {output:?}, allowed formats are: {formats}"
    )
}

fn dry_run(arguments: &Arguments) -> Result<DryRun, String> {
    match arguments.text("dry-run") {
        None | Some("none" | "false" | "f" | "F" | "FALSE" | "False" | "0") => Ok(DryRun::No),
        Some("client" | "unchanged" | "true" | "t" | "T" | "TRUE" | "True" | "1") => Ok(DryRun::Client),
        Some("server") => Ok(DryRun::Server),
        Some(other) => Err(format!(
            "error: Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
        )),
    }
}

/// An object that kubectl has made itself, as Go prints it: fields that its types always print are there.
pub(super) fn as_go_prints(kind: Kind, made: &Value) -> Value {
    let mut object = json!({ "apiVersion": kind.names().api_version, "kind": kind.name() });
    if let (Value::Object(all), Value::Object(fields)) = (&mut object, made.clone()) {
        all.extend(fields);
    }
    match kind {
        Kind::Pod => {
            containers_of(&mut object["spec"]);
            object["spec"]["dnsPolicy"] = json!("ClusterFirst");
            object["status"] = json!({});
        }
        Kind::Deployment => {
            object["spec"]["strategy"] = json!({});
            containers_of(&mut object["spec"]["template"]["spec"]);
            object["status"] = json!({});
        }
        Kind::Job => {
            template(&mut object["spec"]);
            object["status"] = json!({});
        }
        Kind::CronJob => {
            template(&mut object["spec"]["jobTemplate"]["spec"]);
            object["status"] = json!({});
        }
        Kind::Inert(inert) if inert.names().plural == "ingresses" => {
            object["status"] = json!({ "loadBalancer": {} });
        }
        Kind::Service => object["status"] = json!({ "loadBalancer": {} }),
        Kind::Namespace => {
            object["spec"] = json!({});
            object["status"] = json!({});
        }
        Kind::ResourceQuota => object["status"] = json!({}),
        Kind::HorizontalPodAutoscaler => {
            object["status"] = json!({ "currentMetrics": null, "desiredReplicas": 0 });
        }
        Kind::PodDisruptionBudget => {
            let counters = ["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"]
                .map(|name| (name.to_owned(), json!(0)));
            object["status"] = Value::Object(Map::from_iter(counters));
        }
        _ => {}
    }
    object
}

/// A Job's template: its metadata is always printed.
fn template(spec: &mut Value) {
    let template = &mut spec["template"];
    if template["metadata"].is_null() {
        template["metadata"] = json!({});
    }
    containers_of(&mut template["spec"]);
}

fn containers_of(spec: &mut Value) {
    for container in spec["containers"].as_array_mut().into_iter().flatten() {
        if container["resources"].is_null() {
            container["resources"] = json!({});
        }
    }
}
