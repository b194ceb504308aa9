//! Whole commands against a cluster, with kubectl's exact output.

mod print;
mod rollout;

use std::rc::Rc;

use super::parse;
use crate::engine::{Budget, Command, Timeline, Until};
use crate::simulation::{self, Simulation};

/// A cluster, and what kubectl prints in it.
struct Terminal {
    timeline: Timeline,
}

/// What a command left behind.
#[derive(Debug, PartialEq)]
struct Answer {
    exit: u8,
    stdout: String,
    stderr: String,
}

impl Terminal {
    fn new() -> Terminal {
        Terminal { timeline: Timeline::new(Simulation::default(), simulation::default_nodes()) }
    }

    /// Runs `line` with `text` as `manifest.yaml`, and then until nothing happens.
    fn run(&mut self, line: &str, text: &str) -> Answer {
        let files = |name: &str| (name == "manifest.yaml").then(|| text.to_owned());
        let invocation = match parse(line, &files) {
            Ok(invocation) => invocation,
            Err(stderr) => return Answer { exit: 1, stdout: String::new(), stderr: stderr + "\n" },
        };
        let id = self.timeline.submit(Command::Kubectl(Rc::new(invocation)));
        self.timeline.advance(Until::Command(id), Budget { steps: 100_000 });
        self.timeline.advance(Until::Quiet, Budget { steps: 100_000 });
        let session = &self.timeline.head().sessions[&id];
        let text = |is_error: bool| {
            let printed = session.output.iter().filter(|printed| printed.is_error == is_error);
            printed.map(|printed| &*printed.text).collect::<String>()
        };
        Answer { exit: session.exit.unwrap_or(255), stdout: text(false), stderr: text(true) }
    }

    fn apply(&mut self, text: &str) -> Answer {
        self.run("kubectl apply -f manifest.yaml", text)
    }
}

fn prints(stdout: &str) -> Answer {
    Answer { exit: 0, stdout: stdout.to_owned(), stderr: String::new() }
}

fn fails(stdout: &str, stderr: &str) -> Answer {
    Answer { exit: 1, stdout: stdout.to_owned(), stderr: stderr.to_owned() }
}

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports:
        - containerPort: 80
";

const SERVICE: &str = "\
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
";

#[test]
fn apply_says_created_configured_or_unchanged() {
    let mut terminal = Terminal::new();
    let both = format!("{WEB}{SERVICE}");
    assert_eq!(terminal.apply(&both), prints("deployment.apps/web created\nservice/web created\n"));
    assert_eq!(terminal.apply(&both), prints("deployment.apps/web unchanged\nservice/web unchanged\n"));
    let scaled = both.replace("replicas: 1", "replicas: 2");
    assert_eq!(terminal.apply(&scaled), prints("deployment.apps/web configured\nservice/web unchanged\n"));
    assert_eq!(terminal.run("apply -f manifest.yaml -o name", SERVICE), prints("service/web\n"));
    let missing = SERVICE.replace("web", "none");
    assert_eq!(
        terminal.run("delete -f manifest.yaml", &format!("{both}{missing}")),
        fails(
            "deployment.apps \"web\" deleted from default namespace\nservice \"web\" deleted from default namespace\n",
            "Error from server (NotFound): error when deleting \"manifest.yaml\": services \"none\" not found\n"
        )
    );
}

#[test]
fn fields_that_leave_the_manifest_leave_the_object() {
    let mut terminal = Terminal::new();
    terminal.apply(&WEB.replace("  template:\n", "  minReadySeconds: 3\n  template:\n"));
    assert_eq!(terminal.apply(WEB), prints("deployment.apps/web configured\n"));
    let key = crate::api::Key::new("default", "web");
    let store = terminal.timeline.head().store.clone();
    let web = store.get::<crate::api::Deployment>(&key).unwrap();
    assert_eq!(web.min_ready_seconds(), 0);
    terminal.run("scale deployment web --replicas=4", "");
    assert_eq!(
        terminal.apply(WEB),
        prints("deployment.apps/web configured\n"),
        "the manifest names replicas"
    );
}

#[test]
fn commands_without_their_arguments_are_refused_in_kubectls_words() {
    let mut terminal = Terminal::new();
    let cases = [
        ("apply -f nothing.yaml", "error: the path \"nothing.yaml\" does not exist\n"),
        ("apply", "error: must specify one of -f and -k\n"),
        (
            "scale deployment web --replicas=-1",
            "error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0\n",
        ),
        (
            "scale deployment web --replicas=x",
            "error: invalid argument \"x\" for \"--replicas\" flag: strconv.ParseInt: parsing \"x\": invalid syntax\nSee \
             'kubectl scale --help' for usage.\n",
        ),
        (
            "scale deployment none --replicas=1",
            "Error from server (NotFound): deployments.apps \"none\" not found\n",
        ),
        ("scale pod web --replicas=2", "Error from server (NotFound): pods \"web\" not found\n"),
        ("delete deployment web", "Error from server (NotFound): deployments.apps \"web\" not found\n"),
    ];
    for (line, expected) in cases {
        assert_eq!(terminal.run(line, ""), fails("", expected), "{line}");
    }
}

#[test]
fn scale_and_set_image_report_what_they_did() {
    let mut terminal = Terminal::new();
    terminal.apply(WEB);
    assert_eq!(terminal.run("scale deployment/web --replicas=2", ""), prints("deployment.apps/web scaled\n"));
    assert_eq!(
        terminal.run("scale deployment/web --current-replicas=5 --replicas=1", ""),
        fails("", "error: Expected replicas to be 5, was 2\n")
    );
    let updated = prints("deployment.apps/web image updated\n");
    assert_eq!(terminal.run("set image deployment/web web=nginx:1.28", ""), updated);
    assert_eq!(terminal.run("set image deployment web *=nginx:1.29", ""), updated);
    assert_eq!(terminal.run("set image deployment web web=nginx:1.29", ""), prints(""));
    assert_eq!(
        terminal.run("set image deployment/web db=nginx:1.28", ""),
        fails("", "error: unable to find container named \"db\"\n")
    );
}

#[test]
fn broken_files_are_refused_in_kubectls_words() {
    let cases = [
        ("", "error: no objects passed to apply\n"),
        ("# nothing here\n", "error: no objects passed to apply\n"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: web\n",
            "error: error parsing manifest.yaml: error converting YAML to JSON: yaml: line 4: found character that \
             cannot start any token\n",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: \"web\n",
            "error: error parsing manifest.yaml: error converting YAML to JSON: yaml: line 5: found unexpected end of \
             stream\n",
        ),
        (
            "- apiVersion: v1\n- kind: Pod\n",
            "error: error validating \"manifest.yaml\": error validating data: invalid object to validate; if you \
             choose to ignore these errors, turn validation off with --validate=false\n",
        ),
        (
            "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\n\"metadata\":{\"name\":\"config\"\n",
            "error: error parsing manifest.yaml: unexpected EOF\n",
        ),
        (
            "kind: Pod\nmetadata:\n  name: web\n",
            "error: error validating \"manifest.yaml\": error validating data: apiVersion not set; if you choose to \
             ignore these errors, turn validation off with --validate=false\n",
        ),
        (
            "apiVersion: a/b/c\nkind: Pod\nmetadata:\n  name: web\n",
            "error: error validating \"manifest.yaml\": error validating data: unexpected GroupVersion string: a/b/c; \
             if you choose to ignore these errors, turn validation off with --validate=false\n",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: web-\nspec:\n  containers:\n  - name: web\n    \
             image: nginx:1.27\n",
            "error: from web-: cannot use generate name with apply\n",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    app: web\nspec:\n  containers:\n  - name: web\n    \
             image: nginx:1.27\n",
            "error: error when retrieving current configuration of:\nResource: \"/v1, Resource=pods\", \
             GroupVersionKind: \"/v1, Kind=Pod\"\nName: \"\", Namespace: \"default\"\nfrom server for: \
             \"manifest.yaml\": resource name may not be empty\n",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: *n\n",
            "error: error parsing manifest.yaml: error converting YAML to JSON: yaml: unknown anchor 'n' referenced\n",
        ),
        (
            "42\n",
            "error: error validating \"manifest.yaml\": error validating data: invalid object to validate; if you \
             choose to ignore these errors, turn validation off with --validate=false\n",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ name }}\n",
            "error: error parsing manifest.yaml: error converting YAML to JSON: yaml: invalid map key: map[interface \
             {}]interface {}{\"name\":interface {}(nil)}\n",
        ),
        (
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selektor: 1\n  ports: []\n",
            "Error from server (BadRequest): error when creating \"manifest.yaml\": Service in version \"v1\" cannot \
             be handled as a Service: strict decoding error: unknown field \"spec.selektor\"\n",
        ),
        (
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: 5\n",
            "error: unable to decode \"manifest.yaml\": json: cannot unmarshal number into Go struct field \
             ObjectMeta.metadata.name of type string\n",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(Terminal::new().apply(text), fails("", expected), "{text}");
    }
}

#[test]
fn a_file_goes_as_far_as_it_can() {
    // `y` is a boolean to kubectl.
    let pod = |name: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: {name}\n    image: a:1\n"
        )
    };
    let text = format!("{SERVICE}{}", pod("y"));
    let expected = "Error from server (BadRequest): error when creating \"manifest.yaml\": Pod in version \"v1\" cannot be \
                    handled as a Pod: json: cannot unmarshal bool into Go struct field Container.spec.containers.name \
                    of type string\n";
    assert_eq!(Terminal::new().apply(&text), fails("service/web created\n", expected));
}

#[test]
fn a_service_keeps_what_was_applied_in_its_annotation() {
    let mut terminal = Terminal::new();
    terminal.apply(SERVICE);
    let key = crate::api::Key::new("default", "web");
    let web = terminal.timeline.head().store.get::<crate::api::Service>(&key).unwrap().clone();
    assert_eq!(
        web.annotation("kubectl.kubernetes.io/last-applied-configuration"),
        Some(
            "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"annotations\":{},\"name\":\"web\",\"namespace\":\
             \"default\"},\"spec\":{\"ports\":[{\"port\":80}],\"selector\":{\"app\":\"web\"}}}\n"
        )
    );
}

#[test]
fn a_deleted_pod_is_waited_for() {
    let mut terminal = Terminal::new();
    terminal.apply(WEB);
    let pods = terminal.run("get pods -o name", "");
    let name = pods.stdout.trim().strip_prefix("pod/").unwrap().to_owned();
    let before = terminal.timeline.head().now;
    let expected = prints(&format!("pod \"{name}\" deleted from default namespace\n"));
    assert_eq!(terminal.run(&format!("delete pod {name}"), ""), expected);
    assert!(terminal.timeline.head().now > before);
    let missing = format!("Error from server (NotFound): pods \"{name}\" not found\n");
    assert_eq!(terminal.run(&format!("get pod {name}"), ""), fails("", &missing));
}

/// Replaces ages of seconds (`12s`) by `Ns`, and addresses of Services by `<ip>`, as wide as they were.
fn masked(text: &str) -> String {
    let is_age = |word: &str| word.strip_suffix('s').is_some_and(|digits| digits.parse::<u32>().is_ok());
    let is_address = |word: &str| word.parse::<std::net::Ipv4Addr>().is_ok();
    let mask = |piece: &str| {
        let word = piece.trim_end();
        let name = if is_age(word) {
            "Ns"
        } else if is_address(word) {
            "<ip>"
        } else {
            return piece.to_owned();
        };
        let is_last = piece.ends_with('\n');
        let width = if is_last { 0 } else { word.len() };
        format!("{name:width$}{}", &piece[word.len()..])
    };
    text.split_inclusive([' ', '\n']).map(mask).collect()
}

impl Terminal {
    /// What a command that succeeds prints, masked.
    fn shows(&mut self, line: &str) -> String {
        let answer = self.run(line, "");
        assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{line}");
        masked(&answer.stdout)
    }
}

#[test]
fn labels_are_set_and_removed() {
    let mut terminal = Terminal::new();
    assert_eq!(terminal.run("label node node-3 disk=ssd", ""), prints("node/node-3 labeled\n"));
    assert_eq!(
        terminal.shows("get nodes -L disk -l disk=ssd"),
        "NAME     STATUS   ROLES    AGE   VERSION   DISK\nnode-3   Ready    <none>   Ns    v1.36.2   ssd\n"
    );
    let taken = "error: 'disk' already has a value (ssd), and --overwrite is false\n";
    assert_eq!(terminal.run("label node node-3 disk=hdd", ""), fails("", taken));
    assert_eq!(terminal.run("label node node-3 disk=hdd --overwrite", ""), prints("node/node-3 labeled\n"));
    assert_eq!(terminal.run("label node node-3 disk-", ""), prints("node/node-3 unlabeled\n"));
    assert_eq!(
        terminal.run("label node node-3 disk-", ""),
        prints("label \"disk\" not found.\nnode/node-3 not labeled\n")
    );
}

#[test]
fn deletion_by_force_is_warned_of() {
    let mut terminal = Terminal::new();
    terminal.apply(WEB);
    let pods = terminal.run("get pods -o name", "");
    let name = pods.stdout.trim().strip_prefix("pod/").unwrap().to_owned();
    let warning = "Warning: Immediate deletion does not wait for confirmation that the running resource has been \
                   terminated. The resource may continue to run on the cluster indefinitely.\n";
    assert_eq!(
        terminal.run(&format!("delete pod {name} --force --grace-period=0"), ""),
        Answer {
            exit: 0,
            stdout: format!("pod \"{name}\" force deleted from default namespace\n"),
            stderr: warning.to_owned()
        }
    );
    let cases = [
        ("delete pods", "error: resource(s) were provided, but no name was specified\n"),
        (
            "delete pod x --now --grace-period=3",
            "error: --now and --grace-period cannot be specified together\n",
        ),
        (
            "delete pod x --force --grace-period=3",
            "error: --force and --grace-period greater than 0 cannot be specified together\n",
        ),
        ("delete pods --all -l app=web", "error: cannot set --all and --selector at the same time\n"),
        (
            "delete pod x --cascade=maybe",
            "error: invalid cascade value (maybe). Must be \"background\", \"foreground\", or \"orphan\"\n",
        ),
        ("delete widget x", "error: the server doesn't have a resource type \"widget\"\n"),
    ];
    for (line, expected) in cases {
        assert_eq!(terminal.run(line, ""), fails("", expected), "{line}");
    }
    assert_eq!(terminal.run("delete pod x --ignore-not-found", ""), prints(""));
    assert_eq!(terminal.run("delete pods -l app=none", ""), prints("No resources found\n"));
}

#[test]
fn a_node_that_is_applied_joins_and_takes_pods() {
    let mut terminal = Terminal::new();
    let node = "apiVersion: v1\nkind: Node\nmetadata:\n  name: fast\n  labels: {disk: ssd}\n";
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  nodeSelector: {disk: ssd}\n  containers: \
               [{name: a, image: a:1}]\n";
    assert_eq!(terminal.apply(&format!("{node}{pod}")), prints("node/fast created\npod/p created\n"));
    assert_eq!(terminal.apply(node), prints("node/fast unchanged\n"));
    assert_eq!(
        terminal.shows("get pods -o wide").replace("10.244.4.2", "<ip>"),
        "NAME   READY   STATUS    RESTARTS   AGE   IP           NODE   NOMINATED NODE   READINESS GATES\n\
         p      1/1     Running   0          Ns    <ip>         fast   <none>           <none>\n"
    );
}
