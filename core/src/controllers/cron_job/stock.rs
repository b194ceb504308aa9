//! What became of a CronJob's Jobs. Upstream: `cronjob_controllerv2.go`, `syncCronJob`, `cleanupFinishedJobs`.

use std::rc::Rc;

use k8s_openapi::api::core::v1::ObjectReference;

use crate::api::{CronJob, Job, Key, Kind, Object};
use crate::apiserver::Store;
use crate::plan::{EventDraft, EventText, Plan};
use crate::time::Time;
use crate::why::CronJob as Why;

pub(super) struct Stock<'a> {
    pub(super) cron_job: &'a Rc<CronJob>,
    jobs: Vec<&'a Rc<Job>>,
    /// Finished Jobs that are more than the limits, and why they go.
    surplus: Vec<(&'a Rc<Job>, Why)>,
    /// Jobs that it made and that have not finished, as the status will name them.
    pub(super) active: Vec<ObjectReference>,
    /// The time of the last Job, in seconds since 1970, if this look made it.
    pub(super) last_scheduled: Option<i64>,
    last_successful: Option<Time>,
    events: Vec<(EventDraft, Why)>,
}

impl<'a> Stock<'a> {
    /// Looks at every Job of `cron_job`.
    pub(super) fn take(store: &'a Store, cron_job: &'a Rc<CronJob>) -> Stock<'a> {
        let dependents = store.dependents(cron_job.uid).filter(|dependent| dependent.kind == Kind::Job);
        let jobs = dependents.filter_map(|dependent| store.get::<Job>(&dependent.key));
        let mut stock = Stock {
            cron_job,
            jobs: jobs.filter(|job| job.controller() == Some(cron_job.uid)).collect(),
            surplus: Vec::new(),
            active: cron_job.status.active.clone().unwrap_or_default(),
            last_scheduled: None,
            last_successful: cron_job.status.last_successful_time.as_ref().map(Time::from_api),
            events: Vec::new(),
        };
        stock.find_surplus();
        stock.compare();
        stock
    }

    /// The oldest finished Jobs beyond the limits: they are not even seen to have finished.
    fn find_surplus(&mut self) {
        let spec = &self.cron_job.spec;
        let limits =
            [("Failed", spec.failed_jobs_history_limit), ("Complete", spec.successful_jobs_history_limit)];
        for (end, limit) in limits {
            let Some(limit) = limit else { continue };
            let of_kind = |job: &&Rc<Job>| job.finished().is_some_and(|known| known.type_ == end);
            let mut finished: Vec<&Rc<Job>> = self.jobs.iter().copied().filter(of_kind).collect();
            finished.sort_by_key(|job| (job.started_at(), job.name().to_owned()));
            let surplus = finished.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
            let why = Why::ForgetsJob { failed: end == "Failed", have: finished.len() as i32, limit };
            self.surplus.extend(finished[..surplus].iter().map(|job| (*job, why.clone())));
        }
        let uids: Vec<String> = self.surplus.iter().map(|(job, _)| job.uid.to_string()).collect();
        self.active.retain(|known| !known.uid.as_ref().is_some_and(|uid| uids.contains(uid)));
    }

    fn compare(&mut self) {
        let object = Object::CronJob(self.cron_job.clone());
        for job in self.jobs.clone() {
            let uid = job.uid.to_string();
            let is_listed = self.active.iter().any(|known| known.uid.as_deref() == Some(&uid));
            match (is_listed, job.finished()) {
                (false, None) => {
                    let text =
                        format!("Saw a job that the controller did not create or forgot: {}", job.name());
                    let text = EventText::Fixed(text.into());
                    let event = EventDraft::warning(&object, "UnexpectedJob", text);
                    self.events.push((event, Why::SawUnexpected));
                }
                (true, Some(end)) => {
                    self.active.retain(|known| known.uid.as_deref() != Some(&uid));
                    let text = format!("Saw completed job: {}, condition: {}", job.name(), end.type_);
                    let text = EventText::Fixed(text.into());
                    self.events
                        .push((EventDraft::normal(&object, "SawCompletedJob", text), Why::SawFinished));
                }
                (false, Some(end)) if end.type_ == "Complete" => {
                    let completed = job.status.completion_time.as_ref().map(Time::from_api);
                    self.last_successful = self.last_successful.max(completed);
                }
                (true, None) | (false, Some(_)) => {}
            }
        }
        let exists = |known: &ObjectReference| {
            self.jobs.iter().any(|job| known.uid.as_deref() == Some(job.uid.to_string().as_str()))
        };
        for gone in self.active.iter().filter(|known| !exists(known)) {
            let text = format!("Active job went missing: {}", gone.name.as_deref().unwrap_or_default());
            let text = EventText::Fixed(text.into());
            self.events.push((EventDraft::normal(&object, "MissingJob", text), Why::SawMissing));
        }
        let kept = self.active.iter().filter(|known| exists(known)).cloned().collect();
        self.active = kept;
    }

    /// Records what was seen, and deletes the finished Jobs that are more than the limits.
    pub(super) fn tell(&mut self, plan: &mut Plan) {
        for (event, why) in self.events.drain(..) {
            plan.event(event, why);
        }
        for (job, why) in self.surplus.drain(..) {
            super::delete(self.cron_job, job, why, plan);
        }
    }

    /// The Jobs that have not finished.
    pub(super) fn active_jobs(&self, store: &Store) -> Vec<Rc<Job>> {
        let names = self.active.iter().filter_map(|known| known.name.as_deref());
        let keys = names.map(|name| Key::new(self.cron_job.key.namespace.clone(), name));
        keys.filter_map(|key| store.get::<Job>(&key).cloned()).collect()
    }

    /// Writes the status if it changed.
    pub(super) fn report(&self, plan: &mut Plan) {
        let stored = &self.cron_job.status;
        let mut status = (**stored).clone();
        status.active = (!self.active.is_empty()).then(|| self.active.clone());
        if let Some(due) = self.last_scheduled {
            status.last_schedule_time = Some(super::instant(due).to_api());
        }
        status.last_successful_time = self.last_successful.map(Time::to_api);
        if status == **stored {
            return;
        }
        let before = stored.active.iter().flatten().count() as i32;
        let now = self.active.len() as i32;
        let mut updated = (**self.cron_job).clone();
        updated.status = Rc::new(status);
        plan.update_status(Object::CronJob(Rc::new(updated)), Why::Reports { before, now });
    }
}
