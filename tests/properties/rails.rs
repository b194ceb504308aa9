//! Whatever was typed, rails tell what happened: each is held beside what its steps and the last world say.

use kubestep_core::api::{Object, Pod, Uid};
use kubestep_core::engine::{Step, StepId, What};
use kubestep_core::kubelet::{MachineChange, PodChange};
use kubestep_core::narration::rail::{State, lines};
use kubestep_core::story::deletion::{Outcome, Stop};
use kubestep_core::story::{Deletion, Rail};
use kubestep_tests::Story;

/// Checks every rail that has begun.
pub(crate) fn check(story: &Story) {
    let timeline = &story.timeline;
    for (begins, subject) in Rail::begun(timeline) {
        let rail = Rail::of(timeline, subject).unwrap_or_else(|| panic!("{subject:?} has begun"));
        let told = lines(&rail);
        assert_eq!(told.len(), rail.steps().len());
        for (line, step) in told.iter().zip(rail.steps()) {
            assert!(!line.title.is_empty() && !line.note.0.is_empty(), "{line:?} has no words");
            let State::Reached { step: reached, at, by } = &line.state else { continue };
            assert_eq!(Some(*reached), step);
            let step = timeline.step(*reached).expect("a station is a step");
            assert_eq!(step.at, *at, "{line:?}");
            // The request is a command, and kubectl's from then on.
            assert!(
                step.actor == *by || *reached <= begins || line.title.to_lowercase().contains("removed"),
                "{line:?}"
            );
        }
        match rail {
            Rail::Deletion(deletion) => check_deletion(story, &deletion, begins),
            Rail::Rollout(rollout) => {
                let steps: Vec<StepId> =
                    rollout.stations.iter().filter_map(|station| station.step()).collect();
                assert!(steps.is_sorted(), "{steps:?}");
                assert!(steps.first().is_some_and(|first| *first <= begins));
            }
            Rail::Drain(_) | Rail::Outage(_) => {}
        }
    }
}

fn check_deletion(story: &Story, deletion: &Deletion, accepted: StepId) {
    let timeline = &story.timeline;
    let uid = deletion.uid;
    let after = &timeline.steps()[accepted.0 as usize..];
    let is_reached = |stop| matches!(deletion.station(stop).outcome, Outcome::Reached { .. });
    let is_there = timeline.head().store.list::<Pod>().any(|pod| pod.uid == uid);
    assert_eq!(is_reached(Stop::Removed), !is_there, "{}", deletion.pod);
    let was = |what: fn(&PodChange) -> bool| after.iter().any(|step| happens(step, uid, what));
    let is_killed = was(|what| matches!(what, PodChange::Killed(_)));
    assert_eq!(is_reached(Stop::Killed), is_killed, "{}", deletion.pod);
    let is_clean = was(|what| matches!(what, PodChange::SandboxGone { .. }));
    assert_eq!(is_reached(Stop::CleanedUp), is_clean, "{}", deletion.pod);
    let is_signalled = was(|what| matches!(what, PodChange::HookBegan(_) | PodChange::Terminated(_)));
    assert_eq!(is_reached(Stop::Signalled), is_signalled, "{}", deletion.pod);
    // Nothing of a pod is told that has other pods' names in it: its successor is another pod.
    if let Outcome::Reached { step, .. } = &deletion.station(Stop::Replaced).outcome {
        let created =
            timeline.step(*step).and_then(|step| step.change()).and_then(|change| change.after.clone());
        assert!(matches!(created, Some(Object::Pod(pod)) if pod.uid != uid));
    }
}

fn happens(step: &Step, uid: Uid, is: fn(&PodChange) -> bool) -> bool {
    matches!(&step.what, What::Machine(MachineChange::Pod { uid: of, what, .. }) if *of == uid && is(what))
}
