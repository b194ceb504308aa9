//! CronJobs: their Jobs, and where now is between the last time of the schedule and the next.

use std::rc::Rc;

use kubestep_core::api::{CronJob, Job, Kind};
use kubestep_core::controllers::cron_job::next_time;
use kubestep_core::order;
use kubestep_core::time::{EPOCH_SECONDS, Time};

use super::{MOST_PARTS, View, job, key, make_room, part};
use crate::scene::figures::{Dial, Gauge, PartFigure, RowSize, Schedule, WorkloadFigure};
use crate::scene::geometry::Rect;

/// A CronJob's row.
#[inline(never)]
pub(super) fn figure(cron_job: &CronJob, view: &View<'_>) -> WorkloadFigure {
    let store = view.store();
    let jobs = store.dependents(cron_job.uid).filter(|target| target.kind == Kind::Job);
    let mut jobs: Vec<&Rc<Job>> = jobs.filter_map(|target| store.get::<Job>(&target.key)).collect();
    order::sort_by_key(&mut jobs, |job| (job.meta.created, job.key.name.clone()));
    let active = jobs.iter().filter(|job| job.finished().is_none()).count();
    let hidden = make_room(&mut jobs, MOST_PARTS, |job| job.finished().is_some());
    let parts = jobs.into_iter().map(|job| PartFigure {
        note: job::state(job).to_owned(),
        counts: job::counts(job, view),
        ..part(job, 0, view)
    });
    let parts: Vec<PartFigure> = parts.collect();
    let schedule = schedule(cron_job, active, view.world.now);
    WorkloadFigure {
        key: key(Kind::CronJob, cron_job.uid),
        kind: Kind::CronJob,
        name: cron_job.name().to_owned(),
        namespace: None,
        card: Rect::default(),
        size: RowSize::Full,
        summary: format!("{active} active"),
        rows: vec![
            ("Active", active.to_string()),
            ("Last", schedule.last.clone().unwrap_or_else(|| "never".to_owned())),
            ("Overlap", schedule.policy.clone()),
            ("Suspend", cron_job.is_suspended().to_string()),
        ],
        counts: Vec::new(),
        hit: view.is_hit(cron_job.uid),
        parts,
        hidden,
        gauge: Gauge::of(Dial::Schedule(schedule)),
    }
}

fn schedule(cron_job: &CronJob, active: usize, now: Time) -> Schedule {
    let next = next_time(cron_job, now).filter(|_| !cron_job.is_suspended());
    let since = cron_job.last_scheduled().unwrap_or(cron_job.meta.created);
    let passed =
        next.map_or(0.0, |next| now.since(since).as_seconds() / next.since(since).as_seconds().max(1e-9));
    Schedule {
        cron: cron_job.spec.schedule.clone(),
        last: cron_job.last_scheduled().map(clock),
        next: next.map(clock),
        passed: passed.clamp(0.0, 1.0) as f32,
        wait: match next {
            Some(next) => format!("in {:.1} s", next.since(now).as_seconds()),
            None if cron_job.is_suspended() => "suspended".to_owned(),
            None => "never".to_owned(),
        },
        policy: cron_job.concurrency_policy().to_owned(),
        active,
    }
}

/// A time of day: `00:05:00Z`.
fn clock(time: Time) -> String {
    let seconds = (EPOCH_SECONDS + time.as_seconds() as i64).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}Z", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use kubestep_core::time::Duration;

    use super::*;

    #[test]
    fn a_clock_begins_at_midnight_of_the_first_day() {
        assert_eq!(clock(Time::ZERO), "00:00:00Z");
        assert_eq!(clock(Time::ZERO + Duration::from_seconds(86_400 + 3_725)), "01:02:05Z");
    }
}
