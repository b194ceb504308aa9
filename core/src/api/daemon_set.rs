//! DaemonSets: accessors over spec and status.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::DaemonSet;
use super::deployment::scaled;

/// Counts the versions of the template, as clients of old read it.
pub const GENERATION_ANNOTATION: &str = "deprecated.daemonset.template.generation";

impl DaemonSet {
    /// `spec.updateStrategy.type`
    pub fn strategy_type(&self) -> &str {
        let strategy = self.spec.update_strategy.as_ref();
        strategy.and_then(|strategy| strategy.type_.as_deref()).unwrap_or("RollingUpdate")
    }

    /// Whether `spec.updateStrategy.type` is RollingUpdate.
    pub fn is_rolling_update(&self) -> bool {
        self.strategy_type() == "RollingUpdate"
    }

    /// How many nodes of `nodes` may have two pods during an update. Upstream: `daemon/util.SurgeCount`.
    pub fn max_surge(&self, nodes: i32) -> i32 {
        scaled(self.rolling(|rolling| rolling.max_surge.as_ref()), nodes, true)
    }

    /// On how many nodes of `nodes` the pod may be unavailable during an update; 1 where that and the surge would
    /// both be 0. Upstream: `daemon/util.UnavailableCount`.
    pub fn max_unavailable(&self, nodes: i32) -> i32 {
        let unavailable = scaled(self.rolling(|rolling| rolling.max_unavailable.as_ref()), nodes, true);
        if unavailable == 0 && self.max_surge(nodes) == 0 { 1 } else { unavailable }
    }

    /// Whether new pods come before old ones go. Upstream: `daemon/util.AllowsSurge`.
    pub fn allows_surge(&self) -> bool {
        self.is_rolling_update() && self.max_surge(100) > 0
    }

    /// `spec.minReadySeconds`
    pub fn min_ready_seconds(&self) -> i32 {
        self.spec.min_ready_seconds.unwrap_or(0)
    }

    /// `spec.revisionHistoryLimit`; the API server's default is 10.
    pub fn revision_history_limit(&self) -> i32 {
        self.spec.revision_history_limit.unwrap_or(10)
    }

    /// How often the template was changed, from 1.
    pub fn template_generation(&self) -> Option<i64> {
        self.annotation(GENERATION_ANNOTATION)?.parse().ok()
    }

    fn rolling<'a>(
        &'a self,
        field: impl Fn(&'a k8s_openapi::api::apps::v1::RollingUpdateDaemonSet) -> Option<&'a IntOrString>,
    ) -> Option<&'a IntOrString> {
        if !self.is_rolling_update() {
            return None;
        }
        self.spec.update_strategy.as_ref()?.rolling_update.as_ref().and_then(field)
    }
}
