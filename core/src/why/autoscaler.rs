//! Facts of the HorizontalPodAutoscaler controller. Upstream: `pkg/controller/podautoscaler`.

use std::fmt;
use std::rc::Rc;

use crate::api::quantity;

/// Why the HorizontalPodAutoscaler controller does something, or cannot.
#[derive(Clone, Debug, PartialEq)]
pub enum Autoscaler {
    /// It looks every fifteen seconds.
    LooksRegularly,
    /// There is nothing of that name to scale.
    TargetIsMissing,
    /// Its target was scaled to zero by somebody: autoscaling is off.
    TargetIsOff,
    /// Its target has more or fewer replicas than the limits allow.
    KeepsWithinLimits {
        /// As it is.
        current: i32,
        /// As it shall be.
        desired: i32,
    },
    /// The cluster has no metrics server.
    HasNoMetrics {
        /// How many metrics were asked for.
        metrics: u32,
    },
    /// Metrics say nothing of its pods.
    CannotJudge {
        /// How many of them.
        invalid: u32,
        /// Out of how many.
        metrics: u32,
        /// What is wrong with the first of these.
        lack: Lack,
    },
    /// Another autoscaler is for the same pods.
    SharesItsPods {
        /// How many there are with it.
        autoscalers: u32,
    },
    /// Its target selects no pods.
    TargetHasNoSelector,
    /// Its metrics ask for another size.
    Scales(Rc<Judgement>),
    /// Its metrics ask for the size that its target has, or that has to do for now.
    Keeps(Rc<Judgement>),
}

/// Why a metric says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// There is no API that has it.
    NoServer,
    /// The metrics server knows none of the pods yet.
    NoneKnown,
    /// It knows none that count: they are not ready, or were not for long enough.
    NoneReady,
    /// A container asks for nothing, so that there is nothing to be a percentage of.
    NoRequest {
        /// Its name.
        container: Rc<str>,
    },
    /// All requests are zero.
    RequestsNothing,
    /// There is no container of that name.
    NoContainer,
}

/// How many replicas metrics ask for, and what becomes of that.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// `cpu`: of several metrics the one that asks for the most.
    pub resource: Rc<str>,
    /// How it came to its number.
    pub sum: Sum,
    /// The replicas of its target.
    pub current: i32,
    /// The number that counts after what was asked for lately.
    pub stabilized: i32,
    /// What kept it from that.
    pub limit: Limit,
    /// What its target shall have.
    pub desired: i32,
}

/// `ceil(3 × 180 % / 60 %) = 9`
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    /// The pods that count.
    pub pods: u32,
    /// Of these, those that count as using nothing, since they are not ready.
    pub unready: u32,
    /// Of these, those that nobody measured: they count as what keeps the size.
    pub missing: u32,
    /// What each of them uses, on average.
    pub used: Amount,
    /// What each of them should.
    pub target: Amount,
    /// What follows.
    pub verdict: Verdict,
    /// How many replicas are asked for.
    pub replicas: i32,
}

/// What follows from a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The number of pods that would use what they should.
    Computed,
    /// It is near enough to what it should be: the size stays.
    WithinTolerance,
    /// With the pods that say nothing it would ask for the opposite: the size stays.
    WouldTurn,
}

/// What is used, or should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Of what was asked for.
    Percent(i64),
    /// Thousandths of a core.
    Cores(i64),
    /// Bytes.
    Bytes(i64),
}

/// What keeps a size from being what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Nothing.
    WithinRange,
    /// It grows no faster.
    ScaleUpLimit,
    /// It shrinks no faster.
    ScaleDownLimit,
    /// `spec.maxReplicas`
    TooManyReplicas,
    /// `spec.minReplicas`
    TooFewReplicas,
}

impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Amount::Percent(percent) => write!(out, "{percent} %"),
            Amount::Cores(thousandths) => write!(out, "{thousandths}m"),
            Amount::Bytes(bytes) => out.write_str(&quantity::binary(*bytes)),
        }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ceil({} × {} / {})", self.pods, self.used, self.target)
    }
}
