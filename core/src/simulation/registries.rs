//! What the registries have of each image, where a `Simulation` says so: `spec.images`.
//!
//! ```yaml
//! images:
//!   nginx:1.27: {pull: 8s}                # this one takes longer
//!   web: {missing: true}                  # no tag of it exists
//!   registry.example.com/*: {private: true}   # everything there needs a pull secret
//! ```

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::kubelet::images;
use crate::time::Duration;

/// The tag that no registry has, unless an image of it is spoken of: `web:missing` cannot be pulled.
const MISSING_TAG: &str = "missing";

/// What is said of images, by full reference, by reference without a tag, or by what it begins with and a `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registries(BTreeMap<Rc<str>, Said>);

/// What is said under one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) pull: Option<Duration>,
    pub(super) missing: Option<bool>,
    pub(super) private: Option<bool>,
}

/// How a registry answers for one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How long its pull takes, where that is said.
    pub pull: Option<Duration>,
    /// Whether there is no such image.
    pub is_missing: bool,
    /// Whether it is only for those with a password.
    pub is_private: bool,
}

impl Registries {
    /// Takes note of what is said of `name`.
    ///
    /// # Errors
    /// What is wrong with the name.
    pub(super) fn note(&mut self, name: &str, said: Said) -> Result<(), String> {
        self.0.insert(key(name)?.into(), said);
        Ok(())
    }

    /// The answer for a full reference: of several things said, the one that is said of fewer images counts.
    pub fn answer(&self, reference: &str) -> Answer {
        let mut answer = Answer { pull: None, is_missing: false, is_private: false };
        let (repository, tag) = images::split_tag(reference);
        let mut is_spoken_of = false;
        if !self.0.is_empty() {
            let folders = reference.match_indices('/').map(|(slash, _)| &reference[..=slash]);
            for name in std::iter::once("").chain(folders).chain([repository, reference]) {
                let Some(said) = self.0.get(name) else { continue };
                answer.pull = said.pull.or(answer.pull);
                answer.is_missing = said.missing.unwrap_or(answer.is_missing);
                answer.is_private = said.private.unwrap_or(answer.is_private);
                is_spoken_of |= name == reference && said.missing.is_some();
            }
        }
        answer.is_missing |= tag == MISSING_TAG && !is_spoken_of;
        answer
    }
}

/// `nginx:1.27` is this image, `nginx` all of its tags, `shop.example.com/*` all that is there, `*` everything.
fn key(name: &str) -> Result<String, String> {
    if name == "*" {
        return Ok(String::new());
    }
    if let Some(folder) = name.strip_suffix("/*") {
        let inside = images::reference(&format!("{folder}/x"))?;
        return Ok(inside.strip_suffix("x:latest").unwrap_or(&inside).to_owned());
    }
    let full = images::reference(name)?;
    let says_tag = name.contains('@') || images::split_tag(name).0.len() < name.len();
    Ok(if says_tag { full } else { images::split_tag(&full).0.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(said: &[(&str, Said)], image: &str) -> Answer {
        let mut registries = Registries::default();
        for (name, said) in said {
            registries.note(name, *said).unwrap();
        }
        registries.answer(&images::reference(image).unwrap())
    }

    #[test]
    fn what_is_said_of_fewer_images_counts() {
        let seconds = |seconds| Some(Duration::from_seconds(seconds));
        let said = [
            ("*", Said { pull: seconds(1), ..Said::default() }),
            ("shop.example.com/*", Said { private: Some(true), ..Said::default() }),
            ("shop.example.com/web", Said { pull: seconds(5), ..Said::default() }),
            ("shop.example.com/web:2", Said { private: Some(false), pull: seconds(9), ..Said::default() }),
            ("library/*", Said { missing: Some(true), ..Said::default() }),
        ];
        let of = |image| answer(&said, image);
        assert_eq!(of("web"), Answer { pull: seconds(1), is_missing: true, is_private: false });
        assert_eq!(of("acme/web"), Answer { pull: seconds(1), is_missing: false, is_private: false });
        assert_eq!(
            of("shop.example.com/db"),
            Answer { pull: seconds(1), is_missing: false, is_private: true }
        );
        assert_eq!(
            of("shop.example.com/web:1"),
            Answer { pull: seconds(5), is_missing: false, is_private: true }
        );
        assert_eq!(of("shop.example.com/web:2").pull, seconds(9));
        assert!(!of("shop.example.com/web:2").is_private);
    }

    #[test]
    fn the_missing_tag_does_not_exist_unless_that_image_is_said_to() {
        assert!(answer(&[], "web:missing").is_missing);
        let said = Said { missing: Some(false), ..Said::default() };
        assert!(answer(&[("web", said)], "web:missing").is_missing);
        assert!(!answer(&[("web:missing", said)], "web:missing").is_missing);
    }
}
