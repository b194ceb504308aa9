//! What an autoscaler reports. Upstream: `setCondition`, `setStatus` and `updateStatusIfNeeded` of `horizontal.go`.

use std::rc::Rc;

use k8s_openapi::api::autoscaling::v2 as api;

use crate::api::{HorizontalPodAutoscaler, Object};
use crate::plan::Plan;
use crate::time::Time;
use crate::why::Autoscaler as Why;

/// The status as it becomes during a look.
pub(super) struct Report<'a> {
    stored: &'a Rc<HorizontalPodAutoscaler>,
    pub(super) status: api::HorizontalPodAutoscalerStatus,
    now: Time,
}

impl<'a> Report<'a> {
    pub(super) fn new(stored: &'a Rc<HorizontalPodAutoscaler>, now: Time) -> Report<'a> {
        Report { stored, status: (*stored.status).clone(), now }
    }

    pub(super) fn set(&mut self, name: &str, is_true: bool, reason: &str, message: impl Into<String>) {
        let state = if is_true { "True" } else { "False" };
        let conditions = self.status.conditions.get_or_insert_default();
        let place = conditions.iter().position(|condition| condition.type_ == name).unwrap_or_else(|| {
            let type_ = name.to_owned();
            conditions.push(api::HorizontalPodAutoscalerCondition { type_, ..Default::default() });
            conditions.len() - 1
        });
        let condition = &mut conditions[place];
        if condition.status != state {
            condition.last_transition_time = Some(self.now.to_api());
        }
        condition.status = state.to_owned();
        condition.reason = Some(reason.to_owned());
        condition.message = Some(message.into());
    }

    /// Its target was scaled now.
    pub(super) fn scaled(&mut self, desired: i32) {
        let message = format!("the HPA controller was able to update the target scale to {desired}");
        self.set("AbleToScale", true, "SucceededRescale", message);
        self.status.last_scale_time = Some(self.now.to_api());
    }

    /// Sends it, if it says anything new.
    pub(super) fn send(self, why: Why, plan: &mut Plan) {
        if *self.stored.status == self.status {
            return;
        }
        let status = Rc::new(self.status);
        let updated = HorizontalPodAutoscaler { status, ..(**self.stored).clone() };
        plan.update_status(Object::HorizontalPodAutoscaler(Rc::new(updated)), why);
    }
}
