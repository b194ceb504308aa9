//! Makes Jobs at set times. Upstream: `pkg/controller/cronjob/cronjob_controllerv2.go`.
//!
//! A look takes stock of its Jobs ([`stock`]), then makes the Job of the latest time that has come, if any: earlier
//! times that it missed are skipped. It looks again at the next time of the schedule ([`crate::schedule`]), which is read
//! by the clocks of `timeZone`.

mod stock;

use std::rc::Rc;

use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::api::core::v1::ObjectReference;

use super::claim;
use crate::api::{CronJob, Job, Key, Kind, Meta, Object, ObjectRef, Resource, Uid};
use crate::apiserver::{Change, DeleteOptions, Propagation, Reason, Store};
use crate::controllers::{self, Controller};
use crate::engine::memory::Memory;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot, Turn};
use crate::schedule::{Schedule, Zone};
use crate::time::{Duration, EPOCH_SECONDS, Time};
use crate::why::CronJob as Why;
use stock::Stock;

/// The CronJob controller.
pub const CONTROLLER: Controller = Controller {
    name: "cronjob",
    component: "cronjob-controller",
    watches: &[Kind::CronJob, Kind::Job],
    reads_own_writes: true,
    knows_own: None,
    delay: super::at_once,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

/// How long after a time of the schedule a look is taken, so that it is sure to have passed.
const MARGIN: Duration = Duration::from_millis(100);
/// So many missed times are told of.
const MANY: i32 = 100;
/// The turn after the Job was made.
const CREATED: Turn = Turn(1);
/// The annotation of a Job that holds the time it was made for.
const SCHEDULED_AT: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match change.object.kind {
        Kind::CronJob => wakes.push(change.object.clone()),
        Kind::Job => claim::concerned(store, Kind::CronJob, change, |_| Vec::new(), wakes),
        _ => {}
    }
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, outcomes: &Outcomes, plan: &mut Plan) {
    let Some(cron_job) = snapshot.store.get::<CronJob>(&target.key) else { return };
    let is_first_turn = outcomes.turn == Turn::default();
    let mut stock = Stock::take(snapshot.store, cron_job);
    if is_first_turn {
        stock.tell(plan);
    }
    if outcomes.turn == CREATED {
        return conclude(snapshot, &mut stock, outcomes, plan);
    }
    if cron_job.is_terminating() {
        return stock.report(plan);
    }
    let Some(zone) = zone_of(cron_job) else {
        let zone = cron_job.spec.time_zone.as_deref().unwrap_or_default();
        let text = format!("invalid timeZone: {zone:?}: unknown time zone {zone}");
        warn(cron_job, "UnknownTimeZone", text, Why::IsNowhere, plan);
        return stock.report(plan);
    };
    if cron_job.is_suspended() {
        stock.report(plan);
        if plan.intents.is_empty() {
            plan.nothing_to_do(Why::IsSuspended);
        }
        return;
    }
    let Some(times) = Times::of(cron_job, zone, snapshot.now, plan) else { return stock.report(plan) };
    let goes_on = times.due.is_some_and(|due| begin(snapshot, &mut stock, due, &times, plan));
    if !goes_on {
        stock.report(plan);
        look_again(&times, snapshot.now, plan);
        if plan.intents.is_empty() {
            plan.nothing_to_do(Why::NothingDue);
        }
    }
}

/// The next time of the schedule after `now`. `None` where it makes no sense, or nothing is to come.
pub fn next_time(cron_job: &CronJob, now: Time) -> Option<Time> {
    let schedule = Schedule::parse(&cron_job.spec.schedule).ok()?;
    schedule.next(calendar(now), &zone_of(cron_job)?).map(instant)
}

/// Whose clocks the schedule is read by. `None` if nobody knows them.
fn zone_of(cron_job: &CronJob) -> Option<Zone> {
    cron_job.spec.time_zone.as_deref().map_or(Some(Zone::UTC), Zone::named)
}

/// The times of the schedule around now, in seconds since 1970.
struct Times {
    /// Whose clocks it is read by.
    zone: Zone,
    /// The latest that has come since the last Job.
    due: Option<i64>,
    /// How many have come since.
    missed: i32,
    /// The next one.
    next: Option<i64>,
}

impl Times {
    /// `None` where the schedule makes no sense, which is told.
    fn of(cron_job: &Rc<CronJob>, zone: Zone, now: Time, plan: &mut Plan) -> Option<Times> {
        let text = &cron_job.spec.schedule;
        let schedule = match Schedule::parse(text) {
            Ok(schedule) => schedule,
            Err(fault) => {
                let text = format!("unparseable schedule: {text:?} : {fault}");
                warn(cron_job, "UnparseableSchedule", text, Why::IsUnusable, plan);
                return None;
            }
        };
        let now = calendar(now);
        let mut earliest = calendar(cron_job.last_scheduled().unwrap_or(cron_job.meta.created));
        if let Some(deadline) = cron_job.spec.starting_deadline_seconds {
            earliest = earliest.max(now - deadline);
        }
        let next = schedule.next(earliest, &zone);
        let mut times = Times { zone, due: None, missed: 0, next };
        while let Some(next) = times.next.filter(|next| *next <= now) {
            times.due = Some(next);
            times.missed += 1;
            times.next = schedule.next(next, &times.zone);
        }
        if times.missed > MANY {
            let text = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
            let why = Why::MissedMany { missed: times.missed };
            warn(cron_job, "TooManyMissedTimes", text.to_owned(), why, plan);
        }
        Some(times)
    }
}

/// Makes the Job of a time that has come, unless something speaks against it. `true`: the turn after that goes on.
fn begin(snapshot: &Snapshot<'_>, stock: &mut Stock<'_>, due: i64, times: &Times, plan: &mut Plan) -> bool {
    let cron_job = stock.cron_job;
    if let Some(seconds) = cron_job.spec.starting_deadline_seconds
        && due + seconds < calendar(snapshot.now)
    {
        let text = format!("Missed scheduled time to start a job: {}", rfc1123(due));
        warn(cron_job, "MissSchedule", text, Why::IsTooLate { seconds }, plan);
        return false;
    }
    let name = job_name(cron_job, due);
    let is_made = stock.active.iter().any(|active| active.name.as_deref() == Some(name.as_str()));
    if is_made || cron_job.last_scheduled().map(calendar) == Some(due) {
        return false;
    }
    let active = stock.active.len() as i32;
    match cron_job.concurrency_policy() {
        "Forbid" if active > 0 => {
            let text = "Not starting job because prior execution is running and concurrency policy is Forbid";
            let object = Object::CronJob(cron_job.clone());
            let event = EventDraft::normal(&object, "JobAlreadyActive", EventText::Fixed(text.into()));
            plan.event(event, Why::IsForbidden { active });
            return false;
        }
        "Replace" => {
            for job in stock.active_jobs(snapshot.store) {
                delete(cron_job, &job, Why::MakesRoom, plan);
            }
        }
        _ => {}
    }
    let object = Object::CronJob(cron_job.clone());
    let why = Why::IsDue { scheduled: written(due), missed: times.missed };
    let created = EventText::AfterName("Created job ");
    let failed = EventText::AfterError("Error creating job: ".into());
    plan.create(Object::Job(Rc::new(new_job(cron_job, &name, due, &times.zone))), why)
        .accept(Reason::AlreadyExists)
        .then_event(EventDraft::normal(&object, "SuccessfulCreate", created))
        .else_event(EventDraft::warning(&object, "FailedCreate", failed));
    plan.then(CREATED);
    true
}

/// The Job was made, or refused: the status says so.
fn conclude(snapshot: &Snapshot<'_>, stock: &mut Stock<'_>, outcomes: &Outcomes, plan: &mut Plan) {
    let mut ignored = Plan::default();
    let times =
        zone_of(stock.cron_job).and_then(|zone| Times::of(stock.cron_job, zone, snapshot.now, &mut ignored));
    let Some(times) = times else { return };
    let Some(due) = times.due else { return };
    if stock.cron_job.concurrency_policy() == "Replace" {
        stock.active.clear();
    }
    match outcomes.answers.last() {
        Some(Ok(change)) => {
            let made = change.after.as_ref().map(|job| (job.name().to_owned(), job.uid()));
            stock.active.extend(made.map(|(name, uid)| reference(stock.cron_job, &name, uid)));
            stock.last_scheduled = Some(due);
        }
        Some(Err(error)) if error.reason == Reason::AlreadyExists => {
            let key = Key {
                namespace: stock.cron_job.key.namespace.clone(),
                name: job_name(stock.cron_job, due).into(),
            };
            let known = snapshot.store.get::<Job>(&key);
            let made = known.filter(|job| job.finished().is_none());
            stock.active.extend(made.map(|job| reference(stock.cron_job, job.name(), job.uid)));
            stock.last_scheduled = Some(due);
        }
        Some(Err(error)) if controllers::namespace_is_terminating(error) => return,
        Some(Err(_)) | None => plan.fail(Why::NothingDue),
    }
    stock.report(plan);
    look_again(&times, snapshot.now, plan);
}

fn look_again(times: &Times, now: Time, plan: &mut Plan) {
    let Some(next) = times.next else { return };
    let at = Time::ZERO + Duration::from_seconds(u64::try_from(next - EPOCH_SECONDS).unwrap_or(0)) + MARGIN;
    plan.look_again_in(at.since(now), Why::WaitsFor { next: written(next) });
}

fn delete(cron_job: &Rc<CronJob>, job: &Rc<Job>, why: Why, plan: &mut Plan) {
    let object = Object::CronJob(cron_job.clone());
    let options = DeleteOptions { propagation: Some(Propagation::Background), ..DeleteOptions::default() };
    plan.delete(ObjectRef::new(Kind::Job, job.key.clone()), options, why)
        .accept(Reason::NotFound)
        .then_event(EventDraft::normal(&object, "SuccessfulDelete", EventText::AfterName("Deleted job ")))
        .else_event(EventDraft::warning(
            &object,
            "FailedDelete",
            EventText::AfterError("Deleted job: ".into()),
        ));
}

fn warn(cron_job: &Rc<CronJob>, reason: &'static str, text: String, why: Why, plan: &mut Plan) {
    let object = Object::CronJob(cron_job.clone());
    plan.event(EventDraft::warning(&object, reason, EventText::Fixed(text.into())), why);
}

/// `tick-29453940`: the minutes since 1970 make the name, so that no time gets two Jobs.
fn job_name(cron_job: &CronJob, due: i64) -> String {
    format!("{}-{}", cron_job.name(), due / 60)
}

fn new_job(cron_job: &CronJob, name: &str, due: i64, zone: &Zone) -> Job {
    let template = &cron_job.spec.job_template;
    let given = template.metadata.clone().unwrap_or_default();
    let mut annotations = given.annotations.unwrap_or_default();
    annotations.insert(SCHEDULED_AT.to_owned(), local(due, zone));
    let meta = Meta {
        labels: Rc::new(given.labels.unwrap_or_default()),
        annotations: Rc::new(annotations),
        owners: claim::sole_owner(Kind::CronJob, cron_job),
        ..Meta::default()
    };
    Resource {
        key: Key { namespace: cron_job.key.namespace.clone(), name: name.into() },
        uid: Uid::default(),
        resource_version: 0,
        meta: Rc::new(meta),
        spec: Rc::new(template.spec.clone().unwrap_or_default()),
        status: Rc::<batch::JobStatus>::default(),
    }
}

/// How the status names an active Job.
fn reference(cron_job: &CronJob, name: &str, uid: Uid) -> ObjectReference {
    ObjectReference {
        api_version: Some(Kind::Job.names().api_version.to_owned()),
        kind: Some(Kind::Job.name().to_owned()),
        name: Some(name.to_owned()),
        namespace: Some(cron_job.key.namespace.to_string()),
        uid: Some(uid.to_string()),
        ..ObjectReference::default()
    }
}

/// Seconds since 1970.
fn calendar(time: Time) -> i64 {
    time.to_api().0.as_second()
}

fn instant(seconds: i64) -> Time {
    Time::ZERO + Duration::from_seconds(u64::try_from(seconds - EPOCH_SECONDS).unwrap_or(0))
}

/// `2026-01-01T03:00:00Z`
fn written(seconds: i64) -> Rc<str> {
    instant(seconds).to_api().0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()
}

/// `2026-01-01T03:00:00+01:00`, or with a `Z` where clocks show UTC.
fn local(seconds: i64, zone: &Zone) -> String {
    let ahead = zone.ahead_at(seconds);
    let shown = written(seconds + ahead);
    match ahead / 60 {
        0 => shown.to_string(),
        minutes => {
            let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
            format!("{}{sign}{:02}:{:02}", shown.trim_end_matches('Z'), minutes / 60, minutes % 60)
        }
    }
}

/// `Thu, 01 Jan 2026 03:00:00 +0000`
fn rfc1123(seconds: i64) -> String {
    instant(seconds).to_api().0.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
