//! `kubectl scale`: more pods, fewer pods, and which ones go.

use expect_test::expect;
use kubestep_tests::Chapter;
use kubestep_tests::manifests::MY_DEPLOYMENT;

use crate::check;

#[test]
fn scaling_up_creates_pods_and_no_replica_set() {
    check(MY_DEPLOYMENT, "scale deployment/my-deployment --replicas=5", Chapter::Rollout, expect![[]]);
}

#[test]
fn scaling_down_deletes_the_youngest_pods() {
    check(MY_DEPLOYMENT, "scale deployment/my-deployment --replicas=1", Chapter::Pods, expect![[]]);
}
