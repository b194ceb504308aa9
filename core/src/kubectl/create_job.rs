//! What `kubectl create job` and `kubectl create cronjob` make of a command line. Upstream:
//! `k8s.io/kubectl/pkg/cmd/create/{create_job,create_cronjob}.go`.

use std::rc::Rc;

use serde_json::{Value, json};

use super::flags::{self, Arguments, Flag, Takes};
use super::{DEFAULT_NAMESPACE, create};
use crate::api::{CronJob, Job, Key, Kind, Meta, Owner, Resource, Uid};
use crate::controllers::claim;

/// The annotation of a Job that a person made of a CronJob.
const INSTANTIATED: &str = "cronjob.kubernetes.io/instantiate";

const FLAGS: [Flag; 7] = [
    flags::DRY_RUN,
    flags::NAMESPACE,
    flags::OUTPUT,
    Flag::new("image", None, Takes::Text),
    Flag::new("from", None, Takes::Text),
    Flag::new("schedule", None, Takes::Text),
    Flag::new("restart", None, Takes::Text),
];

/// A Job from a command line.
pub(super) enum Asked {
    /// Described by its flags.
    New(Value),
    /// The one that a CronJob would make, under this key.
    Of(Key, Key),
}

/// `create job once --image=busybox -- echo hi`, `create job by-hand --from=cronjob/tick`
pub(super) fn job(words: &[String]) -> Result<(Asked, Arguments), String> {
    let arguments = Arguments::read("kubectl create job", words, &FLAGS)?;
    let (name, command) = arguments.name_and_command()?;
    let namespace = namespace(&arguments);
    match (arguments.text("image"), arguments.text("from")) {
        (None, None) => Err("error: either --image or --from must be specified".to_owned()),
        (Some(_), Some(_)) => Err("error: either --image or --from must be specified".to_owned()),
        (None, Some(_)) if !command.is_empty() => Err("error: cannot specify --from and command".to_owned()),
        (None, Some(from)) => match from.split_once('/') {
            Some((kind, source)) if Kind::from_word(kind) == Some(Kind::CronJob) => {
                let key = |name: &str| Key::new(namespace, name);
                Ok((Asked::Of(key(name), key(source)), arguments.clone()))
            }
            _ => Err("error: from must be an existing cronjob".to_owned()),
        },
        (Some(image), None) => {
            let spec = pod_spec(name, image, command, "Never");
            let json = json!({
                "metadata": create::named(name, &arguments),
                "spec": { "template": { "spec": spec } },
            });
            Ok((Asked::New(json), arguments.clone()))
        }
    }
}

/// `create cronjob tick --image=busybox --schedule="*/5 * * * *" -- date`
pub(super) fn cron_job(words: &[String]) -> Result<(Value, Arguments), String> {
    let arguments = Arguments::read("kubectl create cronjob", words, &FLAGS)?;
    arguments.require(&["image", "schedule"])?;
    let (name, command) = arguments.name_and_command()?;
    let image = arguments.text("image").unwrap_or_default();
    let restart = arguments.text("restart").unwrap_or("OnFailure");
    let json = json!({
        "metadata": create::named(name, &arguments),
        "spec": {
            "schedule": arguments.text("schedule").unwrap_or_default(),
            "jobTemplate": {
                "metadata": { "name": name },
                "spec": { "template": { "spec": pod_spec(name, image, command, restart) } },
            },
        },
    });
    Ok((json, arguments.clone()))
}

fn namespace(arguments: &Arguments) -> &str {
    arguments.text("namespace").unwrap_or(DEFAULT_NAMESPACE)
}

fn pod_spec(name: &str, image: &str, command: &[String], restart: &str) -> Value {
    let mut container = json!({ "name": name, "image": image });
    if !command.is_empty() {
        container["command"] = json!(command);
    }
    json!({ "containers": [container], "restartPolicy": restart })
}

/// The Job that `cron_job` would make, but for its name.
pub(super) fn made_of(cron_job: &CronJob, key: Key) -> Job {
    let template = &cron_job.spec.job_template;
    let given = template.metadata.clone().unwrap_or_default();
    let mut annotations = given.annotations.unwrap_or_default();
    annotations.insert(INSTANTIATED.to_owned(), "manual".to_owned());
    // It does not hold up the deletion of its owner: whoever asks for it may not be allowed to say so.
    let owner = Owner { block_owner_deletion: false, ..claim::owner_reference(Kind::CronJob, cron_job) };
    Resource {
        key,
        uid: Uid::default(),
        resource_version: 0,
        meta: Rc::new(Meta {
            labels: Rc::new(given.labels.unwrap_or_default()),
            annotations: Rc::new(annotations),
            owners: Rc::new(vec![owner]),
            ..Meta::default()
        }),
        spec: Rc::new(template.spec.clone().unwrap_or_default()),
        status: Rc::default(),
    }
}
