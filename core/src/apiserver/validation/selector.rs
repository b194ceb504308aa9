//! Label selectors. Upstream: `k8s.io/apimachinery/pkg/apis/meta/v1/validation`.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use super::field::{Faults, Path};
use super::{metadata, names};

/// Checks a selector's labels and expressions.
pub(super) fn label_selector(selector: &LabelSelector, path: Path<'_>, faults: &mut Faults) {
    if let Some(labels) = &selector.match_labels {
        metadata::labels(labels, path.child("matchLabels"), faults);
    }
    let list = path.child("matchExpressions");
    for (index, expression) in selector.match_expressions.iter().flatten().enumerate() {
        requirement(expression, list.index(index), faults);
    }
}

/// Whether a selector can be compiled at all.
pub(super) fn is_usable(selector: &LabelSelector) -> bool {
    let mut faults = Faults::default();
    label_selector(selector, Path::root(""), &mut faults);
    faults.0.is_empty()
}

fn requirement(requirement: &LabelSelectorRequirement, path: Path<'_>, faults: &mut Faults) {
    let values = requirement.values.as_deref().unwrap_or_default();
    operator(&requirement.operator, values, path, faults);
    faults.invalid_each(path.child("key"), &requirement.key, names::qualified_name(&requirement.key));
    let list = path.child("values");
    for (index, value) in values.iter().enumerate() {
        faults.invalid_each(list.index(index), value, names::label_value(value));
    }
}

fn operator(operator: &str, values: &[String], path: Path<'_>, faults: &mut Faults) {
    match operator {
        "In" | "NotIn" if values.is_empty() => {
            faults.required(path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            faults.forbidden(path.child("values"), detail);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => faults.invalid(path.child("operator"), other, "not a valid selector operator"),
    }
}
