//! Refusals, as the API server words them. Upstream: `k8s.io/apimachinery/pkg/api/errors`.

use std::fmt;

use super::Station;
use crate::api::{Kind, ObjectRef};

/// A refused request: `metav1.Status`, and where on its way it was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// The HTTP status code.
    pub code: u16,
    /// Why, in one word.
    pub reason: Reason,
    /// The whole sentence, as kubectl prints it after `Error from server (Reason): `.
    pub message: String,
    /// The fields at fault, for 422.
    pub causes: Vec<FieldError>,
    /// Where the request was refused.
    pub station: Station,
}

/// `status.reason` of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// 400
    BadRequest,
    /// 403
    Forbidden,
    /// 404
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 409: the name is taken.
    AlreadyExists,
    /// 409: somebody else wrote in between, or a precondition failed.
    Conflict,
    /// 415
    UnsupportedMediaType,
    /// 422
    Invalid,
    /// 429
    TooManyRequests,
    /// 500
    InternalError,
    /// 503
    ServiceUnavailable,
    /// 500: the API server has no word for it.
    Unknown,
}

/// One field at fault. Its Display is upstream's `field.Error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// `spec.template.spec.containers[0].name`
    pub field: String,
    /// Which kind of fault.
    pub fault: Fault,
    /// The value as upstream prints it (strings quoted, objects as JSON); empty where none is shown.
    pub value: String,
    /// What is wrong with it.
    pub detail: String,
}

/// The kinds of faults a field can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `Invalid value`
    Invalid,
    /// `Required value`
    Required,
    /// `Forbidden`
    Forbidden,
    /// `Unsupported value`
    Unsupported,
    /// `Duplicate value`
    Duplicate,
    /// `Not found`
    NotFound,
    /// `Too long`
    TooLong,
    /// `Too many`
    TooMany,
    /// No field at all: a PodDisruptionBudget has no eviction left.
    DisruptionBudget,
}

impl Reason {
    /// `NotFound`; nothing where there is no word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::BadRequest => "BadRequest",
            Reason::Forbidden => "Forbidden",
            Reason::NotFound => "NotFound",
            Reason::MethodNotAllowed => "MethodNotAllowed",
            Reason::AlreadyExists => "AlreadyExists",
            Reason::Conflict => "Conflict",
            Reason::UnsupportedMediaType => "UnsupportedMediaType",
            Reason::Invalid => "Invalid",
            Reason::TooManyRequests => "TooManyRequests",
            Reason::InternalError => "InternalError",
            Reason::ServiceUnavailable => "ServiceUnavailable",
            Reason::Unknown => "",
        }
    }

    /// The HTTP status code.
    pub const fn code(self) -> u16 {
        match self {
            Reason::BadRequest => 400,
            Reason::Forbidden => 403,
            Reason::NotFound => 404,
            Reason::MethodNotAllowed => 405,
            Reason::AlreadyExists | Reason::Conflict => 409,
            Reason::UnsupportedMediaType => 415,
            Reason::Invalid => 422,
            Reason::TooManyRequests => 429,
            Reason::InternalError | Reason::Unknown => 500,
            Reason::ServiceUnavailable => 503,
        }
    }
}

impl Fault {
    /// `Invalid value`
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Invalid => "Invalid value",
            Fault::Required => "Required value",
            Fault::Forbidden => "Forbidden",
            Fault::Unsupported => "Unsupported value",
            Fault::Duplicate => "Duplicate value",
            Fault::NotFound => "Not found",
            Fault::TooLong => "Too long",
            Fault::TooMany => "Too many",
            Fault::DisruptionBudget => "DisruptionBudget",
        }
    }

    /// `FieldValueInvalid`: the cause's `reason` in the Status.
    pub const fn reason(self) -> &'static str {
        match self {
            Fault::Invalid => "FieldValueInvalid",
            Fault::Required => "FieldValueRequired",
            Fault::Forbidden => "FieldValueForbidden",
            Fault::Unsupported => "FieldValueNotSupported",
            Fault::Duplicate => "FieldValueDuplicate",
            Fault::NotFound => "FieldValueNotFound",
            Fault::TooLong => "FieldValueTooLong",
            Fault::TooMany => "FieldValueTooMany",
            Fault::DisruptionBudget => "DisruptionBudget",
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.field, self.body())
    }
}

impl FieldError {
    /// What is wrong, without the field: `Invalid value: "x": must be …`.
    pub fn body(&self) -> String {
        let mut text = self.fault.name().to_owned();
        let shows_value = !matches!(self.fault, Fault::Required | Fault::Forbidden | Fault::TooLong);
        for part in [Some(&self.value).filter(|_| shows_value), Some(&self.detail)].into_iter().flatten() {
            if !part.is_empty() {
                text.push_str(": ");
                text.push_str(part);
            }
        }
        text
    }
}

impl ApiError {
    /// A refusal at `station`.
    pub fn new(reason: Reason, station: Station, message: impl Into<String>) -> ApiError {
        ApiError { code: reason.code(), reason, message: message.into(), causes: Vec::new(), station }
    }

    /// Nobody answers: the API server does not run.
    pub fn unreachable() -> ApiError {
        let message = "dial tcp 172.18.0.2:6443: connect: connection refused";
        ApiError::new(Reason::ServiceUnavailable, Station::Authentication, message)
    }

    /// `pods "web" not found`
    pub fn not_found(target: &ObjectRef) -> ApiError {
        let message = format!("{} \"{}\" not found", target.kind.qualified_plural(), target.name());
        ApiError::new(Reason::NotFound, Station::Storage, message)
    }

    /// `pods "web" already exists`; an object still being deleted holds its name, and the message says so.
    pub fn already_exists(target: &ObjectRef, being_deleted: bool) -> ApiError {
        let prefix = if being_deleted { "object is being deleted: " } else { "" };
        let message =
            format!("{prefix}{} \"{}\" already exists", target.kind.qualified_plural(), target.name());
        ApiError::new(Reason::AlreadyExists, Station::Storage, message)
    }

    /// `Operation cannot be fulfilled on …`
    pub fn conflict(target: &ObjectRef, detail: &str) -> ApiError {
        let plural = target.kind.qualified_plural();
        let message = format!("Operation cannot be fulfilled on {plural} \"{}\": {detail}", target.name());
        ApiError::new(Reason::Conflict, Station::Storage, message)
    }

    /// `Deployment.apps "web" is invalid: …`, with every field at fault.
    pub fn invalid(kind: Kind, name: &str, causes: Vec<FieldError>) -> ApiError {
        let mut sentences: Vec<String> = Vec::new();
        for cause in &causes {
            let sentence = cause.to_string();
            if !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
        let list =
            if sentences.len() == 1 { sentences.remove(0) } else { format!("[{}]", sentences.join(", ")) };
        let group = kind.group();
        let dot = if group.is_empty() { "" } else { "." };
        let message = format!("{}{dot}{group} \"{name}\" is invalid: {list}", kind.name());
        ApiError { causes, ..ApiError::new(Reason::Invalid, Station::Validation, message) }
    }
}
