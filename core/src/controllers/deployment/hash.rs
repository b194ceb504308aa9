//! The pod-template-hash: which ReplicaSet of a Deployment a pod belongs to.
//! Upstream: `pkg/controller/controller_utils.go`, `ComputeHash`.

use k8s_openapi::api::core::v1::PodTemplateSpec;

/// The label that tells the pods of a Deployment's ReplicaSets apart.
pub const LABEL: &str = "pod-template-hash";

/// Digits as upstream's `SafeEncodeString` writes them: no vowels, so that no word comes out.
const SAFE_DIGITS: &[u8; 10] = b"456789bcdf";

/// The hash of a template. `collision_count` makes another one of the same template, once a name was taken.
pub fn pod_template_hash(template: &PodTemplateSpec, collision_count: Option<i32>) -> String {
    let mut hash: u32 = 0x811c_9dc5;
    let mut feed = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    };
    // Templates are plain maps, lists and scalars: writing them cannot fail.
    feed(&serde_json::to_vec(template).unwrap_or_default());
    if let Some(count) = collision_count {
        feed(&count.to_le_bytes());
        feed(&[0; 4]);
    }
    hash.to_string().bytes().map(|digit| char::from(SAFE_DIGITS[usize::from(digit - b'0')])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collision_gives_another_hash() {
        let template = PodTemplateSpec::default();
        let plain = pod_template_hash(&template, None);
        assert_ne!(plain, pod_template_hash(&template, Some(1)));
        assert_eq!(plain, pod_template_hash(&template, None));
        assert!(plain.bytes().all(|byte| SAFE_DIGITS.contains(&byte)) && plain.len() <= 10);
    }
}
