//! The pod-template-hash: which ReplicaSet of a Deployment a pod belongs to.
//! Upstream: `pkg/controller/controller_utils.go`, `ComputeHash`.

use std::fmt;

use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::dump;

/// The label that tells the pods of a Deployment's ReplicaSets apart.
pub const LABEL: &str = "pod-template-hash";

/// Digits as upstream's `SafeEncodeString` writes them: no vowels, so that no word comes out.
const SAFE_DIGITS: &[u8; 10] = b"456789bcdf";

/// The hash of a template, the very one that a cluster gives it. `collision_count` makes another one of the same
/// template, once a name was taken.
pub fn pod_template_hash(template: &PodTemplateSpec, collision_count: Option<i32>) -> String {
    let mut hash = Fnv32::default();
    dump::write(&mut hash, template);
    if let Some(count) = collision_count {
        // Eight bytes, of which the count fills the first four.
        hash.feed(&count.to_le_bytes());
        hash.feed(&[0; 4]);
    }
    hash.safe_digits()
}

/// FNV-1a with 32 bits: what is written to it is hashed.
pub(in crate::controllers) struct Fnv32(u32);

impl Default for Fnv32 {
    fn default() -> Fnv32 {
        Fnv32(0x811c_9dc5)
    }
}

impl Fnv32 {
    /// The hash in digits that spell no word.
    pub(in crate::controllers) fn safe_digits(&self) -> String {
        self.0.to_string().bytes().map(|digit| char::from(SAFE_DIGITS[usize::from(digit - b'0')])).collect()
    }

    /// Hashes `bytes` too.
    pub(in crate::controllers) fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }
}

impl fmt::Write for Fnv32 {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.feed(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Templates with their dumps and hashes, computed by Kubernetes 1.36.2.
    const VECTORS: &str = include_str!("../../../../tests/conformance/pod-template-hash/vectors.json");

    #[test]
    fn templates_are_dumped_and_hashed_as_kubernetes_does() {
        let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        assert!(cases.len() > 50, "only {} cases", cases.len());
        for case in cases {
            let name = &case["name"];
            let template: PodTemplateSpec = serde_json::from_value(case["template"].clone()).unwrap();
            let mut text = String::new();
            dump::write(&mut text, &template);
            assert_eq!(text, case["dump"].as_str().unwrap(), "{name}");
            assert_eq!(pod_template_hash(&template, None), case["hash"].as_str().unwrap(), "{name}");
            let after_collision = case["hashWithCollisionCount1"].as_str().unwrap();
            assert_eq!(pod_template_hash(&template, Some(1)), after_collision, "{name}");
        }
    }
}
