//! Images on a node: which are there, which are being pulled, and what their names mean.
//!
//! Pulls of one node come one after the other, as `serializeImagePulls` has it. An image whose layers are there
//! already takes a tenth of a pull. Upstream: `pkg/kubelet/images`, `github.com/distribution/reference`.

use std::rc::Rc;

use crate::persistent::Map;

use crate::api::Uid;
use crate::rng::Rng;
use crate::simulation::Simulation;
use crate::time::{Duration, Time};

/// The images of a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Images {
    /// By full reference, and by the names that pods have used.
    present: Map<Rc<str>, Rc<Image>>,
    queue: Vec<Rc<Pull>>,
}

/// An image that is on the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// `docker.io/library/nginx:1.27`
    pub reference: Rc<str>,
    /// `docker.io/library/nginx@sha256:…`
    pub id: Rc<str>,
    /// Its size.
    pub bytes: u64,
}

/// A pull that is in progress or waits for its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pull {
    /// The pod that asked for it.
    pub pod: Uid,
    /// The place of its container.
    pub container: usize,
    /// The image as the pod names it.
    pub image: Rc<str>,
    /// Whether the pod has a password for its registry.
    pub is_open: bool,
    /// When it was asked for.
    pub asked: Time,
    /// When it began; `None` while it waits for its turn.
    pub began: Option<Time>,
}

/// What a pull led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// The image, or what the registry said.
    pub image: Result<Rc<Image>, Rc<str>>,
    /// Whether the registry asked for a password that the pod has not.
    pub is_denied: bool,
    /// How long the pull took.
    pub took: Duration,
    /// How long it took with the wait for its turn.
    pub waited: Duration,
}

impl Images {
    /// The image that `name` stands for, if it is on the node.
    pub fn get(&self, name: &str) -> Option<&Rc<Image>> {
        self.present.get(name).or_else(|| self.present.get(&*reference(name).ok()?))
    }

    /// Every image on the node, by reference.
    pub fn present(&self) -> impl Iterator<Item = &Rc<Image>> {
        self.present.iter().filter(|(name, image)| **name == image.reference).map(|(_, image)| image)
    }

    /// The pulls in progress or waiting, in order: the first is in progress.
    pub fn pulls(&self) -> &[Rc<Pull>] {
        &self.queue
    }

    /// Queues a pull.
    pub(super) fn ask(&mut self, pull: Pull) {
        self.queue.push(Rc::new(pull));
    }

    /// Takes an image as present without a pull, whatever its name.
    pub(super) fn take_as_given(&mut self, name: &Rc<str>) -> Rc<Image> {
        if let Some(known) = self.get(name) {
            return known.clone();
        }
        let as_named = || Rc::new(Image { reference: name.clone(), id: name.clone(), bytes: 0 });
        let image = found(name).unwrap_or_else(|_| as_named());
        self.keep(name, image.clone());
        image
    }

    fn keep(&mut self, name: &Rc<str>, image: Rc<Image>) {
        self.present.insert(name.clone(), image.clone());
        self.present.insert(image.reference.clone(), image);
    }

    /// Begins the first pull of the queue, unless it has begun. Returns how long it will take.
    pub(super) fn begin(&mut self, now: Time, simulation: &Simulation) -> Option<Duration> {
        let is_present = self.queue.first().is_some_and(|pull| self.get(&pull.image).is_some());
        let pull = self.queue.first_mut().filter(|pull| pull.began.is_none())?;
        Rc::make_mut(pull).began = Some(now);
        let said = reference(&pull.image).ok().and_then(|full| simulation.registries.answer(&full).pull);
        let whole_pull = said.unwrap_or(simulation.latencies.pull);
        Some(if is_present { Duration(whole_pull.0 / 10) } else { whole_pull })
    }

    /// Ends the first pull of the queue.
    pub(super) fn finish(&mut self, now: Time, simulation: &Simulation) -> Option<(Rc<Pull>, Pulled)> {
        if self.queue.is_empty() {
            return None;
        }
        let pull = self.queue.remove(0);
        let is_denied = is_locked(&pull.image, simulation) && !pull.is_open;
        let image = fetch(&pull, simulation);
        if let Ok(image) = &image {
            self.keep(&pull.image, image.clone());
        }
        let took = now.since(pull.began.unwrap_or(now));
        let waited = now.since(pull.asked);
        Some((pull, Pulled { image, is_denied, took, waited }))
    }

    /// Takes images off the disk, under every name.
    pub(super) fn remove(&mut self, references: &[Rc<str>]) {
        let goes = |image: &Image| references.contains(&image.reference);
        let names: Vec<Rc<str>> =
            self.present.iter().filter(|(_, image)| goes(image)).map(|(name, _)| name.clone()).collect();
        for name in names {
            self.present.remove(&name);
        }
    }

    /// Gives up the pulls of a pod. Returns whether one of them was in progress.
    pub(super) fn give_up(&mut self, pod: Uid) -> bool {
        let was_first = self.queue.first().is_some_and(|pull| pull.pod == pod);
        self.queue.retain(|pull| pull.pod != pod);
        was_first
    }
}

/// Whether an image is only for those with a password.
pub(super) fn is_locked(name: &str, simulation: &Simulation) -> bool {
    let full = reference(name);
    full.is_ok_and(|full| simulation.registries.answer(&full).is_private)
}

/// The registry's answer to a pull.
fn fetch(pull: &Pull, simulation: &Simulation) -> Result<Rc<Image>, Rc<str>> {
    let full = reference(&pull.image).map_err(Rc::<str>::from)?;
    let answer = simulation.registries.answer(&full);
    let failed =
        || format!("failed to pull and unpack image \"{full}\": failed to resolve reference \"{full}\"");
    if answer.is_private && !pull.is_open {
        let said = match full.starts_with("docker.io/") {
            true => "server message: insufficient_scope: authorization failed",
            false => "authorization failed: no basic auth credentials",
        };
        // A code that says nothing is left out: upstream does so for `Unknown`.
        let denied = "pull access denied, repository does not exist or may require authorization";
        return Err(format!("{}: {denied}: {said}", failed()).into());
    }
    if answer.is_missing {
        return Err(format!("rpc error: code = NotFound desc = {}: {full}: not found", failed()).into());
    }
    found(&pull.image)
}

/// What is behind a name that there is.
fn found(name: &str) -> Result<Rc<Image>, Rc<str>> {
    let reference = reference(name).map_err(Rc::<str>::from)?;
    let (repository, _) = split_tag(&reference);
    let hash = reference.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut digits = Rng::new(hash);
    let bytes = 5_000_000 + digits.below(150_000_000);
    let repository = repository.split('@').next().unwrap_or_default();
    let id = format!(
        "{repository}@sha256:{:016x}{:016x}{:016x}{:016x}",
        digits.bits(),
        digits.bits(),
        digits.bits(),
        digits.bits()
    );
    Ok(Rc::new(Image { reference: reference.into(), id: id.into(), bytes }))
}

/// The full reference that a short name stands for: `nginx` is `docker.io/library/nginx:latest`.
///
/// # Errors
/// Upstream's sentence about a name that cannot be parsed.
pub fn reference(name: &str) -> Result<String, String> {
    let refuse =
        |detail: &str| Err(format!("couldn't parse image name \"{name}\": invalid reference format{detail}"));
    let (domain, rest) = match name.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':']) || first == "localhost" || first != first.to_ascii_lowercase() =>
        {
            (first, rest.to_owned())
        }
        Some(_) => ("docker.io", name.to_owned()),
        None => ("docker.io", format!("library/{name}")),
    };
    let path = rest.split(['@', ':']).next().unwrap_or_default();
    if path != path.to_ascii_lowercase() {
        return refuse(&format!(": repository name ({path}) must be lowercase"));
    }
    let (repository, tag) = split_tag(&rest);
    let repository_only = repository.split('@').next().unwrap_or_default();
    let fits = |part: &str| {
        let is_inner = |character: char| matches!(character, '.' | '_' | '-');
        !part.is_empty()
            && !part.starts_with(is_inner)
            && !part.ends_with(is_inner)
            && part.chars().all(|character| {
                character.is_ascii_lowercase() || character.is_ascii_digit() || is_inner(character)
            })
    };
    if !repository_only.split('/').all(fits) || !is_tag(tag) {
        return refuse("");
    }
    if rest.contains('@') || rest.len() > repository.len() {
        return Ok(format!("{domain}/{rest}"));
    }
    Ok(format!("{domain}/{rest}:latest"))
}

/// A reference's name and its tag; `latest` where it has neither tag nor digest.
pub fn split_tag(reference: &str) -> (&str, &str) {
    let name = reference.rfind('/').map_or(0, |slash| slash + 1);
    if reference.contains('@') {
        return (reference, "latest");
    }
    match reference[name..].split_once(':') {
        Some((last, tag)) => (&reference[..name + last.len()], tag),
        None => (reference, "latest"),
    }
}

fn is_tag(tag: &str) -> bool {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    tag.len() <= 128
        && tag.starts_with(is_word)
        && tag.chars().all(|character| is_word(character) || matches!(character, '.' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_stand_for_docker_hub_and_latest() {
        for (name, full) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("nginx:1.27", "docker.io/library/nginx:1.27"),
            ("acme/web", "docker.io/acme/web:latest"),
            ("localhost/web:1", "localhost/web:1"),
            ("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"),
            ("localhost:5000/web", "localhost:5000/web:latest"),
            ("web@sha256:abc", "docker.io/library/web@sha256:abc"),
        ] {
            assert_eq!(reference(name).as_deref(), Ok(full));
        }
    }

    #[test]
    fn names_that_cannot_be_parsed_are_refused_in_upstreams_words() {
        assert_eq!(
            reference("Not Valid"),
            Err("couldn't parse image name \"Not Valid\": invalid reference format: repository name \
                 (library/Not Valid) must be lowercase"
                .to_owned())
        );
        for name in ["", "web:", "web::1", "a//b", "we b", "-web"] {
            assert!(reference(name).is_err(), "{name}");
        }
    }

    #[test]
    fn spans_look_as_in_go() {
        let spans = [0, 900, 1000, 1250, 10_000, 80_000, 300_000, 3_661_000];
        let texts: Vec<String> = spans.map(|millis| Duration::from_millis(millis).as_go()).into();
        assert_eq!(texts, ["0s", "900ms", "1s", "1.25s", "10s", "1m20s", "5m0s", "1h1m1s"]);
    }
}
