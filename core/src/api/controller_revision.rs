//! ControllerRevisions: what a pod template was, as StatefulSets and DaemonSets remember it.

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::Value;

use super::ControllerRevision;

impl ControllerRevision {
    /// `revision`: later ones are higher.
    pub fn number(&self) -> i64 {
        self.spec.revision
    }

    /// `data`: a patch that sets `spec.template`.
    pub fn data(&self) -> &Value {
        self.spec.data.as_ref().map_or(&Value::Null, |data| &data.0)
    }

    /// The template that it remembers. Empty where `data` holds something else.
    pub fn template(&self) -> PodTemplateSpec {
        let mut template = self.data().pointer("/spec/template").cloned().unwrap_or_default();
        if let Some(fields) = template.as_object_mut() {
            fields.remove("$patch");
        }
        serde::Deserialize::deserialize(&template).unwrap_or_default()
    }
}
