//! What one look at a Job works on.

use std::rc::Rc;

use super::ending::Ending;
use super::failure_policy::{self, Verdict};
use super::indexes::{self, Indexes};
use super::memory::BackOff;
use super::pods;
use crate::api::{Job, Pod, Uid};
use crate::plan::Snapshot;
use crate::why::job::Census;

pub(super) struct Look<'a> {
    pub(super) snapshot: &'a Snapshot<'a>,
    pub(super) job: &'a Rc<Job>,
    pub(super) pods: Vec<&'a Rc<Pod>>,
    /// What is reported: as counted, and then as changed by what the look does.
    pub(super) census: Census,
    /// Failures since the last success, those that this look found included.
    pub(super) back_off: BackOff,
    /// How the Job ends, or has begun to end.
    pub(super) ending: Option<Ending>,
    /// Indexes that succeeded, those that the status has yet to list included.
    pub(super) succeeded_indexes: Indexes,
    /// Indexes that failed for good, where the limit is per index.
    pub(super) failed_indexes: Option<Indexes>,
}

impl<'a> Look<'a> {
    pub(super) fn new(snapshot: &'a Snapshot<'a>, job: &'a Rc<Job>) -> Look<'a> {
        let pods: Vec<&Rc<Pod>> = snapshot.store.pods_of(job.uid).collect();
        let mut look = Look {
            snapshot,
            job,
            pods,
            census: Census::default(),
            back_off: snapshot.memory.jobs.of(job.uid),
            ending: None,
            succeeded_indexes: Indexes::new(),
            failed_indexes: None,
        };
        look.count();
        look
    }

    fn count(&mut self) {
        let status = &self.job.status;
        let (succeeded, failed) = (self.newly_succeeded(), self.newly_failed());
        let ends = |pods: &[&Rc<Pod>]| pods.iter().map(|pod| pods::ended_at(pod)).collect();
        self.back_off = self.back_off.after(ends(&succeeded), ends(&failed));
        let counted = failed.iter().filter(|pod| failure_policy::judge(self.job, pod) != Verdict::Ignore);
        let uncounted = status.uncounted_terminated_pods.as_ref();
        let listed = |list: Option<&Vec<String>>| list.map_or(0, Vec::len) as i32;
        self.census = Census {
            active: self.active().count() as i32,
            ready: self.active().filter(|pod| pod.is_ready()).count() as i32,
            terminating: self.pods.iter().filter(|pod| pod.is_terminating() && !pod.is_finished()).count()
                as i32,
            succeeded: status.succeeded.unwrap_or(0)
                + succeeded.len() as i32
                + listed(uncounted.and_then(|uncounted| uncounted.succeeded.as_ref())),
            failed: status.failed.unwrap_or(0)
                + counted.count() as i32
                + listed(uncounted.and_then(|uncounted| uncounted.failed.as_ref())),
        };
        if self.job.is_indexed() {
            self.count_indexes();
        }
    }

    fn count_indexes(&mut self) {
        let (job, completions) = (self.job, self.job.completions().unwrap_or(0));
        let held = self.pods.iter().filter(|pod| pods::is_held(pod));
        let known = job.status.completed_indexes.as_deref().unwrap_or_default();
        let mut succeeded = indexes::parse(known, completions);
        let ended = held.clone().filter(|pod| pod.phase() == "Succeeded");
        succeeded.extend(ended.filter_map(|pod| indexes::of(job, pod)));
        self.census.succeeded = succeeded.len() as i32;
        self.succeeded_indexes = succeeded;
        let Some(limit) = job.spec.backoff_limit_per_index else { return };
        let known = job.status.failed_indexes.as_deref().unwrap_or_default();
        let mut failed = indexes::parse(known, completions);
        let lost = held.filter(|pod| pods::is_failed(job, pod)).filter(|pod| {
            match failure_policy::judge(job, pod) {
                Verdict::FailIndex => true,
                Verdict::Ignore => false,
                Verdict::FailJob(_) | Verdict::Count => indexes::count(pod, indexes::FAILURES) >= limit,
            }
        });
        failed.extend(lost.filter_map(|pod| indexes::of(job, pod)));
        self.failed_indexes = Some(failed);
    }

    /// Pods that are neither finished nor being deleted.
    pub(super) fn active(&self) -> impl Iterator<Item = &&'a Rc<Pod>> {
        self.pods.iter().filter(|pod| pod.is_active())
    }

    /// Pods that are held, and were not written down yet.
    fn unwritten(&self) -> impl Iterator<Item = &&'a Rc<Pod>> {
        self.pods
            .iter()
            .filter(|pod| pods::is_held(pod) && !self.is_written_down(pod.uid))
            .filter(|pod| !self.job.is_indexed() || indexes::of(self.job, pod).is_some())
    }

    fn newly_succeeded(&self) -> Vec<&'a Rc<Pod>> {
        self.unwritten().filter(|pod| pod.phase() == "Succeeded").copied().collect()
    }

    fn newly_failed(&self) -> Vec<&'a Rc<Pod>> {
        self.unwritten().filter(|pod| pods::is_failed(self.job, pod)).copied().collect()
    }

    /// Whether the status lists the pod among those that are yet to be counted.
    pub(super) fn is_written_down(&self, pod: Uid) -> bool {
        let Some(uncounted) = &self.job.status.uncounted_terminated_pods else { return false };
        let uid = pod.to_string();
        uncounted.succeeded.iter().chain(&uncounted.failed).flatten().any(|known| *known == uid)
    }

    /// The last failed pod of an index whose replacement has yet to come: it holds the count of failures.
    pub(super) fn last_failure_of(&self, index: i32) -> Option<&'a Rc<Pod>> {
        self.failed_indexes.as_ref().filter(|failed| !failed.contains(&index))?;
        let held = self.pods.iter().filter(|pod| pods::is_held(pod) && pods::is_failed(self.job, pod));
        let of_index = held.filter(|pod| indexes::of(self.job, pod) == Some(index));
        of_index.max_by_key(|pod| indexes::count(pod, indexes::FAILURES)).copied()
    }
}
