//! Names of objects.

use super::super::{Fault, FieldError};
use crate::api::Object;

/// A name there must be.
pub(super) fn object_name(object: &Object) -> Vec<FieldError> {
    if !object.name().is_empty() {
        return Vec::new();
    }
    vec![FieldError {
        field: "metadata.name".to_owned(),
        fault: Fault::Required,
        value: String::new(),
        detail: "name or generateName is required".to_owned(),
    }]
}
