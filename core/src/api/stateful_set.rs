//! StatefulSets: accessors over spec and status.

use super::StatefulSet;

impl StatefulSet {
    /// `spec.replicas`; the API server's default is 1.
    pub fn replicas(&self) -> i32 {
        self.spec.replicas.unwrap_or(1)
    }

    /// `spec.ordinals.start`: the number of the first pod.
    pub fn first_ordinal(&self) -> i64 {
        let start = self.spec.ordinals.as_ref().and_then(|ordinals| ordinals.start);
        i64::from(start.unwrap_or(0))
    }

    /// The numbers that its pods have.
    pub fn ordinals(&self) -> std::ops::Range<i64> {
        self.first_ordinal()..self.first_ordinal() + i64::from(self.replicas())
    }

    /// Whether `spec.podManagementPolicy` is Parallel: pods need not wait for each other.
    pub fn is_parallel(&self) -> bool {
        self.spec.pod_management_policy.as_deref() == Some("Parallel")
    }

    /// `spec.updateStrategy.type`
    pub fn strategy_type(&self) -> &str {
        let strategy = self.spec.update_strategy.as_ref();
        strategy.and_then(|strategy| strategy.type_.as_deref()).unwrap_or("RollingUpdate")
    }

    /// Whether `spec.updateStrategy.type` is RollingUpdate.
    pub fn is_rolling_update(&self) -> bool {
        self.strategy_type() == "RollingUpdate"
    }

    /// `spec.updateStrategy.rollingUpdate.partition`: pods below it keep the old template. `None` without
    /// `rollingUpdate`.
    pub fn partition(&self) -> Option<i64> {
        let rolling = self.spec.update_strategy.as_ref().and_then(|it| it.rolling_update.as_ref())?;
        Some(i64::from(rolling.partition.unwrap_or(0)))
    }

    /// `spec.minReadySeconds`
    pub fn min_ready_seconds(&self) -> i32 {
        self.spec.min_ready_seconds.unwrap_or(0)
    }

    /// `spec.revisionHistoryLimit`; the API server's default is 10.
    pub fn revision_history_limit(&self) -> i32 {
        self.spec.revision_history_limit.unwrap_or(10)
    }

    /// Whether claims go with the set: `spec.persistentVolumeClaimRetentionPolicy.whenDeleted` is Delete.
    pub fn deletes_claims_with_set(&self) -> bool {
        let policy = self.spec.persistent_volume_claim_retention_policy.as_ref();
        policy.and_then(|policy| policy.when_deleted.as_deref()) == Some("Delete")
    }

    /// Whether claims go when the set shrinks: `spec.persistentVolumeClaimRetentionPolicy.whenScaled` is Delete.
    pub fn deletes_claims_when_scaled(&self) -> bool {
        let policy = self.spec.persistent_volume_claim_retention_policy.as_ref();
        policy.and_then(|policy| policy.when_scaled.as_deref()) == Some("Delete")
    }

    /// `status.currentRevision`
    pub fn current_revision(&self) -> &str {
        self.status.current_revision.as_deref().unwrap_or_default()
    }

    /// The number at the end of the name of one of its pods: 2 for `db-2` of `db`.
    pub fn ordinal_of(&self, pod: &str) -> Option<i64> {
        let digits = pod.strip_prefix(self.name())?.strip_prefix('-')?;
        let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse::<i32>().ok().filter(|_| is_number).map(i64::from)
    }
}
