//! The lanes for those who do not use a pointer: a grid of one row per lane, whose cell is the lane's newest step up to
//! the one in view. Up and Down choose a lane; Left, Right, Home and End go along its steps.

use kubestep_core::engine::{Step, StepId, Timeline};
use kubestep_core::narration;
use web_sys::KeyboardEvent;
use yew::prelude::*;

use super::TimelineEvent;
use super::rows::{Rows, Subject, belongs};
use crate::shared::Shared;

/// What the grid shows.
#[derive(Properties, PartialEq)]
pub struct LanesProps {
    /// The history.
    pub timeline: Shared<Timeline>,
    /// Where the lanes are.
    pub rows: Rows,
    /// The step in view.
    pub cursor: Option<StepId>,
    /// Told which step was gone to.
    pub on_event: Callback<TimelineEvent>,
}

/// The grid. It lies over the lanes and shows nothing but which of them has the focus.
#[component]
pub fn Lanes(props: &LanesProps) -> Html {
    let chosen = use_state(|| 0_usize);
    let rows =
        || props.rows.rows.iter().filter(|row| !matches!(row.subject, Subject::Traffic | Subject::Beside));
    let count = rows().count();
    let active = (*chosen).min(count.saturating_sub(1));
    let onkeydown = {
        let (chosen, on_event) = (chosen.clone(), props.on_event.clone());
        let (timeline, cursor) = (props.timeline.clone(), props.cursor);
        let subject = rows().nth(active).map(|row| row.subject);
        Callback::from(move |event: KeyboardEvent| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() {
                return;
            }
            let key = event.key();
            match key.as_str() {
                "ArrowUp" => chosen.set(active.saturating_sub(1)),
                "ArrowDown" => chosen.set((active + 1).min(count.saturating_sub(1))),
                _ => {
                    let Some(way) = Way::of_key(&key) else { return };
                    if let Some(step) = subject.and_then(|lane| along(&timeline, lane, cursor, way)) {
                        on_event.emit(TimelineEvent::GoTo(step.id));
                    }
                }
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    let mark = rows().nth(active).map(|row| row.lane);
    html! {
        <>
        <div class="tl-grid" role="grid" tabindex="0" aria-label="Lanes" aria-activedescendant={cell_id(active)}
            {onkeydown}>
            { for rows().enumerate().map(|(place, row)| {
                let step = newest(&props.timeline, row.subject, props.cursor);
                html! {
                    <div role="row" key={row.label.clone()}>
                        <span role="rowheader">{ &row.label }</span>
                        <span role="gridcell" id={cell_id(place)} aria-selected={(place == active).to_string()}>
                            { words(step) }
                        </span>
                    </div>
                }
            }) }
        </div>
        if let Some(lane) = mark {
            <svg class="tl-lanes tl-grid-mark" width="100%" height="100%" aria-hidden="true">
                <rect x="8" y={format!("{:.1}", lane.top - 2.0)} width="112" height={format!("{:.1}", lane.height + 5.0)}
                    rx="3" />
            </svg>
        }
        </>
    }
}

fn cell_id(place: usize) -> String {
    format!("lane-{place}")
}

fn words(step: Option<&Step>) -> String {
    match step {
        Some(step) => format!("Step {}, {} s: {}", step.id.0 + 1, step.at, narration::headline(step)),
        None => "No step yet".to_owned(),
    }
}

/// A way along a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Back,
    On,
    First,
    Last,
}

impl Way {
    fn of_key(key: &str) -> Option<Self> {
        match key {
            "ArrowLeft" => Some(Self::Back),
            "ArrowRight" => Some(Self::On),
            "Home" => Some(Self::First),
            "End" => Some(Self::Last),
            _ => None,
        }
    }
}

/// The newest step of a lane up to `cursor`.
fn newest(timeline: &Timeline, lane: Subject, cursor: Option<StepId>) -> Option<&Step> {
    let end = cursor.map_or(0, |step| step.0 as usize + 1).min(timeline.len());
    timeline.steps()[..end].iter().rev().map(|step| &**step).find(|step| belongs(step, lane))
}

/// Where a way along a lane leads.
fn along(timeline: &Timeline, lane: Subject, cursor: Option<StepId>, way: Way) -> Option<&Step> {
    let steps = timeline.steps();
    let next = cursor.map_or(0, |step| step.0 as usize + 1).min(steps.len());
    let here = cursor.map_or(0, |step| step.0 as usize).min(steps.len());
    let first = |steps: &'_ [std::rc::Rc<Step>]| steps.iter().position(|step| belongs(step, lane));
    let last = |steps: &'_ [std::rc::Rc<Step>]| steps.iter().rposition(|step| belongs(step, lane));
    let place = match way {
        Way::Back => last(&steps[..here]),
        Way::On => first(&steps[next..]).map(|place| next + place),
        Way::First => first(steps),
        Way::Last => last(steps),
    };
    place.map(|place| &*steps[place])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons;
    use crate::model::run::Run;

    #[test]
    fn a_way_along_a_lane_visits_all_of_its_steps_and_no_others() {
        let begun = lessons::ALL[0].begin();
        let mut run = Run::new(begun.ground, begun.timeline, begun.acts);
        run.compute();
        let timeline = &*run.timeline;
        let lane = Subject::Scheduler;
        let all: Vec<StepId> =
            timeline.steps().iter().filter(|step| belongs(step, lane)).map(|step| step.id).collect();
        assert!(all.len() >= 3);

        let mut cursor = None;
        let mut visited = Vec::new();
        while let Some(step) = along(timeline, lane, cursor, Way::On) {
            cursor = Some(step.id);
            visited.push(step.id);
            assert_eq!(newest(timeline, lane, cursor).map(|newest| newest.id), cursor);
        }
        assert_eq!(visited, all);
        let id = |way| along(timeline, lane, cursor, way).map(|step| step.id);
        assert_eq!((id(Way::First), id(Way::Last)), (Some(all[0]), cursor));
        assert_eq!(id(Way::Back), Some(all[all.len() - 2]));
    }
}
