//! The dial of a CronJob: where now is between the last time of its schedule and the next.

use yew::prelude::*;

use super::cells::{Strip, px};
use super::head;
use crate::scene::figures::{Gauge, RowSize, Schedule};

/// The dial of a schedule.
pub(super) fn dial(schedule: &Schedule, gauge: &Gauge, strip: Strip) -> Html {
    let width = gauge.rect.width;
    let now = schedule.passed * width;
    let (middle, below) = (strip.middle(), strip.bottom() + 17.0);
    let last = schedule.last.as_ref().map_or_else(|| "not yet".to_owned(), |last| format!("last {last}"));
    let next = schedule.next.as_ref().map(|next| format!("next {next}"));
    html! {
        <>
            { head(gauge, "Schedule", &schedule.cron) }
            <path class="g-span" d={format!("M0 {}H{}", px(middle), px(width))} />
            if schedule.next.is_some() {
                <path class="g-passed" d={format!("M0 {}H{}", px(middle), px(now))} />
                <path class="g-ceiling" d={format!("M{} {}v{}", px(width - 1.2), px(strip.top + 4.0), px(strip.height - 8.0))} />
                <circle class="g-now" cx={px(now.clamp(5.0, width - 5.0))} cy={px(middle)} r="4.5" />
            }
            <path class="g-replicas" d={format!("M0.5 {}v{}", px(strip.top + 4.0), px(strip.height - 8.0))} />
            if gauge.size != RowSize::Line {
                <text class="g-limit" x="0" y={px(strip.top - 4.0)}>{ last }</text>
                if let Some(next) = next {
                    <text class="g-limit" x={px(width)} y={px(strip.top - 4.0)} text-anchor="end">{ next }</text>
                }
                <text class="g-count" x="0" y={px(below)}>{ format!("{} active, {}", schedule.active, schedule.policy) }</text>
                <text class="g-count" x={px(width)} y={px(below)} text-anchor="end">{ &schedule.wait }</text>
            }
        </>
    }
}
