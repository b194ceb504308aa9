//! A Deployment's dial: one cell for each pod that counts, the floor it must not sink below and the ceiling above it.

use yew::prelude::*;

use super::cells::{GAP, Strip, cells, px};
use super::{head, pitch};
use crate::scene::figures::{Gauge, Rollout, RowSize};

/// Width of a character of the counts below.
const COUNT_CHARACTER: f32 = 5.6;
/// Room that the ceiling's text takes beside its line.
const LIMIT_TEXT: f32 = 56.0;
/// Most terminating pods that are drawn one by one.
const MOST_LEAVING: usize = 4;

/// The dial of a rollout.
pub(super) fn dial(rollout: &Rollout, gauge: &Gauge, strip: Strip) -> Html {
    let width = gauge.rect.width;
    let most = rollout.ceiling.max(rollout.cells.len()).max(1);
    let pitch = pitch(width, most);
    html! {
        <>
            { head(gauge, "Rollout", rollout.strategy) }
            { cells(&rollout.cells, most, pitch, strip) }
            { lines(rollout, pitch, strip) }
            if gauge.size != RowSize::Line {
                { words(rollout, width, pitch, strip) }
            }
            if gauge.size == RowSize::Full {
                { leaving(rollout, strip) }
            }
        </>
    }
}

/// Where the line after so many pods stands.
fn after(count: usize, pitch: f32) -> f32 {
    count as f32 * pitch - GAP / 2.0
}

/// Floor, replicas and ceiling.
fn lines(rollout: &Rollout, pitch: f32, strip: Strip) -> Html {
    let line = |count: usize| px(after(count, pitch).max(0.0));
    html! {
        <>
            <path class="g-floor" d={format!("M{} {}v{}", line(rollout.floor), px(strip.top - strip.reach), px(strip.height + 1.5 * strip.reach))} />
            <path class="g-ceiling" d={format!("M{} {}v{}", line(rollout.ceiling), px(strip.top - strip.reach), px(strip.height + 1.5 * strip.reach))} />
            <path class="g-replicas" d={format!("M{} {}v{}", line(rollout.replicas), px(strip.top - 5.0), px(strip.height + 10.0))} />
        </>
    }
}

/// The numbers of floor and ceiling, and how many pods there are, where they do not touch.
fn words(rollout: &Rollout, width: f32, pitch: f32, strip: Strip) -> Html {
    let (floor, ceiling) = (after(rollout.floor, pitch), after(rollout.ceiling, pitch));
    let apart = ceiling - floor;
    // Beside the ceiling's line if there is room, else left of it; too close to the floor they are one text.
    let beside = ceiling + LIMIT_TEXT <= width;
    let one_text = !beside && apart < LIMIT_TEXT;
    let (ceiling_x, ceiling_anchor) = if beside { (ceiling + 6.0, "start") } else { (ceiling - 6.0, "end") };
    let floor_x = (floor - 6.0).max(40.0);
    let floor_text = if one_text {
        format!("floor {}, ceiling {}", rollout.floor, rollout.ceiling)
    } else {
        format!("floor {}", rollout.floor)
    };
    let pods = match rollout.coming() {
        0 => counted(rollout.pods()),
        coming => format!("{}, +{coming}", counted(rollout.pods())),
    };
    let available = format!("{} available", rollout.available());
    let pods_width = COUNT_CHARACTER * pods.len() as f32;
    let pods_x = if beside {
        (ceiling + 6.0 + pods_width).min(width)
    } else if one_text {
        floor - 6.0
    } else {
        ceiling - 6.0
    };
    let side_by_side = pods_x - pods_width > floor && floor > 66.0;
    let below = strip.top + strip.height + 17.0;
    html! {
        <>
            <text class="g-limit" x={px(floor_x)} y={px(strip.top - 8.0)} text-anchor="end">{ floor_text }</text>
            if !one_text {
                <text class="g-limit" x={px(ceiling_x)} y={px(strip.top - 8.0)} text-anchor={ceiling_anchor}>
                    { format!("ceiling {}", rollout.ceiling) }
                </text>
            }
            if side_by_side {
                <text class="g-count" x={px(floor - 6.0)} y={px(below)} text-anchor="end">{ available }</text>
            } else {
                <text class="g-count" x="0" y={px(below)}>{ available }</text>
            }
            <text class="g-count" x={px(pods_x)} y={px(below)} text-anchor="end">{ pods }</text>
        </>
    }
}

fn counted(pods: usize) -> String {
    if pods == 1 { "1 pod".into() } else { format!("{pods} pods") }
}

/// Terminating pods, below the cells: the controller does not count them.
fn leaving(rollout: &Rollout, strip: Strip) -> Html {
    if rollout.terminating == 0 {
        return html! {};
    }
    let drawn = rollout.terminating.min(MOST_LEAVING);
    let y = strip.top + strip.height + 30.5;
    html! {
        <>
            { for (0..drawn).map(|index| html! {
                <rect x={px(index as f32 * 24.0 + 0.5)} y={px(y)} width="19" height="13" rx="3" fill="url(#h-rterm)"
                    fill-opacity=".6" stroke="var(--term)" stroke-dasharray="3 2" />
            }) }
            <text class="g-count" x={px(drawn as f32 * 24.0 + 4.0)} y={px(y + 10.5)}>
                { format!("{} terminating, not counted", rollout.terminating) }
            </text>
        </>
    }
}
