//! The body of a request: decoded strictly, as `fieldValidation=Strict` asks for.
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/create.go`.

use super::{ApiError, Reason, Station};
use crate::api::strict::{self, Decoded};
use crate::api::written::Written;
use crate::api::{Kind, Object};

/// The object that a body describes.
///
/// # Errors
/// 400 for fields that the kind has not, and for values of the wrong type.
pub(crate) fn decode(kind: Kind, body: &Written) -> Result<Object, ApiError> {
    decoded(kind, &strict::decode(kind, body))
}

/// The object that was decoded.
///
/// # Errors
/// 400 with the first thing that was found.
pub(crate) fn decoded(kind: Kind, decoded: &Decoded) -> Result<Object, ApiError> {
    if let Some(detail) = decoded.refusal() {
        return Err(cannot_be_handled(kind, &detail));
    }
    // What Go reads, k8s-openapi reads too: this is for what neither the types nor the tests know of.
    Object::from_json(kind, &decoded.value).map_err(|error| cannot_be_handled(kind, &error.to_string()))
}

/// `Deployment in version "v1" cannot be handled as a Deployment: …`
fn cannot_be_handled(kind: Kind, detail: &str) -> ApiError {
    let (name, version) = (kind.name(), kind.version());
    let message = format!("{name} in version \"{version}\" cannot be handled as a {name}: {detail}");
    ApiError::new(Reason::BadRequest, Station::Defaulting, message)
}
