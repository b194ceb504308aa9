//! What went wrong, as kubectl prints it. Upstream: `k8s.io/kubectl/pkg/cmd/util` (`checkErr`).

use std::rc::Rc;

use crate::api::ObjectRef;
use crate::apiserver::{ApiError, Reason};

/// Something that went wrong with one of the objects of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The API server refused a request.
    Refused {
        /// What it was about.
        target: ObjectRef,
        /// `error when creating "web.yaml"`, for requests that came from a file.
        context: Option<Rc<str>>,
        /// The refusal.
        error: Rc<ApiError>,
    },
    /// kubectl itself found a fault: printed after `error: `.
    Own(Rc<str>),
}

impl Failure {
    /// A refusal of a request that came from no file.
    pub(super) fn refused(target: ObjectRef, error: Rc<ApiError>) -> Failure {
        Failure::Refused { target, context: None, error }
    }

    /// A read of an object that does not exist.
    pub(super) fn not_found(target: ObjectRef) -> Failure {
        let error = Rc::new(ApiError::not_found(&target));
        Failure::refused(target, error)
    }

    /// The same, told with what was being done.
    pub(super) fn within(self, doing: String) -> Failure {
        match self {
            Failure::Refused { target, error, .. } => {
                Failure::Refused { target, context: Some(doing.into()), error }
            }
            Failure::Own(text) => Failure::Own(format!("{doing}: {text}").into()),
        }
    }

    /// kubectl's own fault.
    pub(super) fn own(text: impl Into<Rc<str>>) -> Failure {
        Failure::Own(text.into())
    }

    /// The refusal of a patch, as commands tell it that only say what they were about; a missing object stays one.
    pub(super) fn of_patch(self, doing: &str) -> Failure {
        match self {
            Failure::Refused { error, .. } if error.reason != Reason::NotFound => {
                Failure::own(format!("{doing}{}", error.message))
            }
            other => other,
        }
    }

    /// What is wrong, without who says so.
    pub(super) fn message(&self) -> String {
        match self {
            Failure::Own(text) => text.to_string(),
            Failure::Refused { error, .. } => error.message.clone(),
        }
    }

    /// One line of several: kubectl's own begin as they are written, and a lone one with `error: `.
    fn line(&self, is_alone: bool) -> String {
        match self {
            Failure::Own(text) if is_alone && !text.starts_with("error: ") => format!("error: {text}"),
            Failure::Own(text) => text.to_string(),
            Failure::Refused { error, .. } if error.reason == Reason::Invalid && error.causes.is_empty() => {
                format!("The request is invalid: {}", error.message)
            }
            Failure::Refused { context, error, .. } => {
                let context = context.as_ref().map(|context| format!("{context}: ")).unwrap_or_default();
                let reason = match error.reason.name() {
                    "" => String::new(),
                    reason => format!(" ({reason})"),
                };
                format!("Error from server{reason}: {context}{}", error.message)
            }
        }
    }
}

/// What kubectl prints at its end: nothing if nothing went wrong. Ends with a newline.
pub(super) fn text(failures: &[Failure]) -> String {
    match failures {
        [Failure::Refused { target, error, .. }]
            if error.reason == Reason::Invalid && !error.causes.is_empty() =>
        {
            let mut causes: Vec<String> = Vec::with_capacity(error.causes.len());
            for cause in error.causes.iter().map(ToString::to_string) {
                if !causes.contains(&cause) {
                    causes.push(cause);
                }
            }
            let list = match causes.as_slice() {
                [cause] => cause.clone(),
                several => several.iter().map(|cause| format!("\n* {cause}")).collect(),
            };
            // A patch that makes no object is told of without its object.
            if error.message.starts_with(" \"\"") {
                return format!("The request is invalid: {list}\n");
            }
            format!("The {} \"{}\" is invalid: {list}\n", target.kind.name(), target.name())
        }
        several => several.iter().map(|failure| failure.line(several.len() == 1) + "\n").collect(),
    }
}
