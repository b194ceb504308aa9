//! Deployments: accessors over spec and status.

use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::Resource;

/// A stored Deployment.
pub type Deployment = Resource<Rc<apps::DeploymentSpec>, Rc<apps::DeploymentStatus>>;

impl Deployment {
    /// `spec.replicas`; the API server's default is 1.
    pub fn replicas(&self) -> i32 {
        self.spec.replicas.unwrap_or(1)
    }

    /// `spec.paused`
    pub fn is_paused(&self) -> bool {
        self.spec.paused.unwrap_or(false)
    }

    /// Whether `spec.strategy.type` is RollingUpdate.
    pub fn is_rolling_update(&self) -> bool {
        self.strategy_type() == "RollingUpdate"
    }

    /// `spec.strategy.type`
    pub fn strategy_type(&self) -> &str {
        self.spec.strategy.as_ref().and_then(|strategy| strategy.type_.as_deref()).unwrap_or("RollingUpdate")
    }

    /// How many pods may exist above `spec.replicas`; 0 unless RollingUpdate.
    /// Upstream: `deployment/util.MaxSurge`.
    pub fn max_surge(&self) -> i32 {
        if self.is_rolling_update() { self.fenceposts().0 } else { 0 }
    }

    /// How many of `spec.replicas` may be unavailable; 0 unless RollingUpdate with replicas, at most replicas.
    /// Upstream: `deployment/util.MaxUnavailable`.
    pub fn max_unavailable(&self) -> i32 {
        if !self.is_rolling_update() || self.replicas() == 0 {
            return 0;
        }
        self.fenceposts().1.min(self.replicas())
    }

    /// `spec.minReadySeconds`
    pub fn min_ready_seconds(&self) -> i32 {
        self.spec.min_ready_seconds.unwrap_or(0)
    }

    /// A condition by type.
    pub fn condition(&self, name: &str) -> Option<&apps::DeploymentCondition> {
        self.status.conditions.iter().flatten().find(|condition| condition.type_ == name)
    }

    /// Surge rounds up, unavailable rounds down; both zero would stand still, so unavailable becomes 1.
    fn fenceposts(&self) -> (i32, i32) {
        let rolling = self.spec.strategy.as_ref().and_then(|strategy| strategy.rolling_update.as_ref());
        let surge = rolling.and_then(|rolling| rolling.max_surge.as_ref());
        let unavailable = rolling.and_then(|rolling| rolling.max_unavailable.as_ref());
        let surge = scaled(surge, self.replicas(), true);
        let unavailable = scaled(unavailable, self.replicas(), false);
        if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable) }
    }
}

/// A number, or a percentage of `total`. Absent counts as 0.
pub(super) fn scaled(value: Option<&IntOrString>, total: i32, round_up: bool) -> i32 {
    match value {
        None => 0,
        Some(IntOrString::Int(number)) => *number,
        Some(IntOrString::String(text)) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
            let hundredths = percent * i64::from(total);
            let rounded =
                if round_up { (hundredths + 99).div_euclid(100) } else { hundredths.div_euclid(100) };
            i32::try_from(rounded).unwrap_or(i32::MAX)
        }
    }
}
