//! Sees to it that a container's image is there: present, pulled, or not to be had.
//! Upstream: `pkg/kubelet/images/image_manager.go`.

use std::rc::Rc;

use super::images::{self, Pulled};
use super::local_pod::{Doing, Role};
use super::restart::BackOff;
use super::runtime::Effect;
use super::{Look, credentials};
use crate::api::EventType::{Normal, Warning};
use crate::why;

impl Look<'_> {
    /// Sees to it that a container's image is there. Returns whether its start is under way.
    pub(super) fn provide_image(&mut self, place: usize) -> bool {
        let spec = self.pod.spec_of(place);
        let image: Rc<str> = spec.image.as_deref().unwrap_or_default().into();
        let policy = spec.image_pull_policy.as_deref().unwrap_or_else(|| default_policy(&image));
        let (is_always, is_never) = (policy == "Always", policy == "Never");
        let present = self.machine.images.get(&image).is_some();
        let is_open = self.has_password(&image);
        // What was pulled with a password is for those who have it. Upstream: `KubeletEnsureSecretPulledImages`.
        let is_locked = !is_open && images::is_locked(&image, self.simulation);
        if !present && let Err(problem) = images::reference(&image) {
            let message = format!("Failed to apply default image tag \"{image}\": {problem}");
            return self.image_unusable(place, "InspectFailed", "InvalidImageName", message, image);
        }
        if present && !is_always && !is_locked {
            let message = format!(
                "Container image \"{image}\" already present on machine and can be accessed by the pod"
            );
            self.event(place, Normal, "Pulled", message, why::Kubelet::ImagePresent { image });
            return self.create(place);
        }
        if is_never {
            let message = format!("Container image \"{image}\" is not present with pull policy of Never");
            return self.image_unusable(place, "ErrImageNeverPull", "ErrImageNeverPull", message, image);
        }
        let back_off = self.pull_back_off(&image);
        if let Some(known) =
            back_off.filter(|known| BackOff::ends(Some(*known), known.updated, self.now).is_some())
        {
            return self.delay_pull(place, image, known);
        }
        let ahead = self.machine.images.pulls().len();
        let why = why::Kubelet::PullNeeded { image: image.clone(), present, is_locked, ahead };
        self.event(place, Normal, "Pulling", format!("Pulling image \"{image}\""), why.clone());
        self.plan.effect(Effect::Pull { at: self.at(place), image, is_open }, why);
        self.pod_mut().doing = Doing::Pulling(place);
        true
    }

    fn image_unusable(
        &mut self,
        place: usize,
        event: &'static str,
        reason: &'static str,
        message: String,
        image: Rc<str>,
    ) -> bool {
        let why = why::Kubelet::ImageUnusable { reason, image };
        self.event(place, Warning, event, message.as_str(), why.clone());
        self.event(place, Warning, "Failed", format!("Error: {reason}"), why);
        self.fail(place, reason, message, None);
        false
    }

    /// Whether the pod has a password for the registry of an image.
    fn has_password(&self, image: &str) -> bool {
        let full = images::reference(image);
        full.is_ok_and(|full| credentials::open(self.store, &self.pod.api, &full))
    }

    /// Tells of pull secrets that are not there: the pulls are tried all the same.
    pub(super) fn look_for_pull_secrets(&mut self) {
        let missing = credentials::missing(self.store, &self.pod.api);
        if missing.is_empty() {
            return;
        }
        let secrets: Rc<str> = missing.join(", ").into();
        let message = format!(
            "Unable to retrieve some image pull secrets ({secrets}); attempting to pull the image may not succeed."
        );
        let why = why::Kubelet::PullSecretsMissing { secrets };
        self.pod_event(Warning, "FailedToRetrieveImagePullSecret", message, why);
    }

    fn pull_back_off(&self, image: &str) -> Option<BackOff> {
        let known = self.pod.pull_back_offs.iter().find(|(name, _)| **name == *image);
        known.map(|(_, back_off)| *back_off)
    }

    fn delay_pull(&mut self, place: usize, image: Rc<str>, known: BackOff) -> bool {
        let back_off = format!("Back-off pulling image \"{image}\"");
        let delay_seconds = known.delay.whole_seconds();
        let why = why::Kubelet::PullBackOff { image, delay_seconds };
        self.event(place, Normal, "BackOff", back_off.as_str(), why.clone());
        self.event(place, Warning, "Failed", "Error: ImagePullBackOff", why);
        let cause = self.pod.containers[place].waiting.as_ref().map(|waiting| waiting.message.clone());
        let cause = cause.unwrap_or_default();
        // What the registry said is repeated after the back-off, once.
        let registry = cause.strip_prefix(&format!("{back_off}: ErrImagePull: ")).unwrap_or(&cause);
        let message = format!("{back_off}: ErrImagePull: {registry}");
        self.fail(place, "ImagePullBackOff", message, Some(known.updated + known.delay));
        false
    }

    /// A pull has ended.
    pub(super) fn pulled(&mut self, place: usize, pulled: Pulled) {
        let spec = self.pod.spec_of(place);
        let image: Rc<str> = spec.image.as_deref().unwrap_or_default().into();
        let error = match pulled.image {
            Ok(found) => {
                let (took, waited) = (pulled.took.as_go(), pulled.waited.as_go());
                let message = format!(
                    "Successfully pulled image \"{image}\" in {took} ({waited} including waiting). Image size: {} \
                     bytes.",
                    found.bytes
                );
                let why = why::Kubelet::PullEnded {
                    image,
                    success: true,
                    is_denied: false,
                    took_ms: pulled.took.as_millis(),
                    waited_ms: pulled.waited.as_millis(),
                };
                self.event(place, Normal, "Pulled", message, why);
                if !self.create(place) {
                    self.pass_over(place);
                }
                return;
            }
            Err(error) => error,
        };
        let raised = BackOff::raised(self.pull_back_off(&image), self.now, self.now);
        let back_offs = &mut self.pod_mut().pull_back_offs;
        back_offs.retain(|(name, _)| *name != image);
        back_offs.push((image.clone(), raised));
        let why =
            why::Kubelet::PullFailed { image: image.clone(), delay_seconds: raised.delay.whole_seconds() };
        self.event(
            place,
            Warning,
            "Failed",
            format!("Failed to pull image \"{image}\": {error}"),
            why.clone(),
        );
        self.event(place, Warning, "Failed", "Error: ErrImagePull", why);
        self.fail(place, "ErrImagePull", error, None);
        self.pass_over(place);
    }

    /// A container cannot be started: the next one's turn comes, unless this one had to come first.
    fn pass_over(&mut self, place: usize) {
        if self.pod.containers[place].role == Role::Init {
            self.end_sync()
        } else {
            self.start_from(place + 1)
        }
    }
}

/// Upstream: `SetDefaults_Container`; the API server fills it in, static pods have none.
fn default_policy(image: &str) -> &'static str {
    let tag_is_latest = images::reference(image).is_ok_and(|reference| reference.ends_with(":latest"));
    if tag_is_latest { "Always" } else { "IfNotPresent" }
}
