//! The tracks of a deletion: the request goes down the API server's; controllers, endpoints and the kubelet answer the mark side
//! by side, and the API server has the last word.

use kubestep_core::engine::StepId;
use kubestep_core::narration::rail::Lane;
use kubestep_core::story::Deletion;
use kubestep_core::story::deletion::Stop;
use yew::prelude::*;

use super::pitch::Pitch;
use super::tracks::{curve, x};

/// Draws them.
pub(super) fn tracks(deletion: &Deletion, cursor: Option<StepId>, pitch: Pitch) -> Html {
    let plan = Plan(pitch);
    let is_done = |stop| deletion.station(stop).step().is_some_and(|step| Some(step) <= cursor);
    let line = |to: Stop, hue: &'static str, path: String| {
        if deletion.station(to).is_skipped() {
            return Html::default();
        }
        let dashes = (!is_done(to)).then_some("3 3");
        html! { <path d={path} fill="none" stroke={hue} stroke-width="2" stroke-dasharray={dashes} /> }
    };
    let api = x(Lane::ApiServer);
    let end = if leaves_before_its_processes(deletion) {
        (plan.down(Lane::ApiServer, Stop::Marked, Stop::Removed), "var(--p-api)")
    } else {
        (plan.kubelet_to_end(deletion), "var(--p-kubelet)")
    };
    html! {
        <>
            <path d={plan.waiting()} fill="none" stroke="var(--line-3)" stroke-width="1.5" stroke-dasharray="2 3" />
            { line(Stop::Authorized, "var(--p-api)", curve((x(Lane::User), plan.at(Stop::Requested)), (api, plan.at(Stop::Authorized)))) }
            { line(Stop::Validated, "var(--p-api)", plan.down(Lane::ApiServer, Stop::Authorized, Stop::Validated)) }
            <path d={plan.down(Lane::ApiServer, Stop::Validated, Stop::Marked)} fill="none" stroke="var(--p-api)" stroke-width="2"
                stroke-dasharray={(!is_done(Stop::Validated)).then_some("3 3")} />
            { line(Stop::Replaced, "var(--p-ctrl)", plan.answer(Lane::Controllers, Stop::Replaced)) }
            { line(Stop::Unrouted, "var(--p-ctrl)", plan.answer(Lane::Endpoints, Stop::Unrouted)) }
            { line(Stop::Signalled, "var(--p-kubelet)", plan.answer(Lane::Kubelet, Stop::Signalled)) }
            { line(Stop::CleanedUp, "var(--p-kubelet)", plan.down(Lane::Kubelet, Stop::Signalled, Stop::CleanedUp)) }
            { line(Stop::Removed, end.1, end.0) }
        </>
    }
}

/// Whether the object goes while processes of it run: then the API server's own track leads to the end.
fn leaves_before_its_processes(deletion: &Deletion) -> bool {
    let removed = deletion.station(Stop::Removed).step();
    let cleaned = deletion.station(Stop::CleanedUp);
    cleaned.is_skipped()
        || removed.is_some_and(|removed| cleaned.step().is_none_or(|cleaned| removed < cleaned))
}

/// Where the tracks run, for rows of this height.
struct Plan(Pitch);

impl Plan {
    fn at(&self, stop: Stop) -> f64 {
        self.0.y(stop as usize)
    }

    /// Who asked waits from the request to the end.
    fn waiting(&self) -> String {
        let (user, end) = (x(Lane::User), self.at(Stop::Removed));
        format!(
            "M{user} {:.1}V{:.1}Q{user} {end:.1} {:.1} {end:.1}H{:.1}",
            self.at(Stop::Requested),
            end - 14.0,
            user + 14.0,
            x(Lane::ApiServer) - 6.0
        )
    }

    fn down(&self, lane: Lane, from: Stop, to: Stop) -> String {
        format!("M{} {:.1}V{:.1}", x(lane), self.at(from), self.at(to))
    }

    /// From the mark to the side and down to who answers it.
    fn answer(&self, lane: Lane, to: Stop) -> String {
        let (track, from) = (x(lane), self.at(Stop::Marked));
        let bend = track - 10.0;
        format!(
            "M{} {from:.1}H{bend:.1}Q{track} {from:.1} {track} {:.1}V{:.1}",
            x(Lane::ApiServer),
            from + 10.0,
            self.at(to)
        )
    }

    fn kubelet_to_end(&self, deletion: &Deletion) -> String {
        let last =
            if deletion.station(Stop::CleanedUp).is_skipped() { Stop::Signalled } else { Stop::CleanedUp };
        curve((x(Lane::Kubelet), self.at(last)), (x(Lane::ApiServer), self.at(Stop::Removed)))
    }
}
