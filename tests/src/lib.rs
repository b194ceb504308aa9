//! Stories: manifests and command lines in, headlines out.
//!
//! ```text
//! let mut story = Story::of(MANIFESTS);
//! story.run("set image deployment/web web=nginx:2");
//! story.tells(Chapter::Rollout)   // "  2.480 Deployment controller: Scales web-… from 2 to 3 …"
//! ```

pub mod chapter;
pub mod conformance;
pub mod fuzz;
pub mod manifests;
pub mod script;

use kubestep_core::engine::{Budget, CommandId, Rest, Until};
use kubestep_core::simulation;
use kubestep_core::{Command, Step, Timeline, kubectl};

pub use chapter::Chapter;

/// More steps than any story needs: a story that gets there never comes to rest.
const FAR_TOO_MANY: usize = 200_000;

/// A cluster that commands are given to, one after the other, each to its rest.
pub struct Story {
    /// Everything that happened.
    pub timeline: Timeline,
    told: usize,
}

impl Story {
    /// A cluster of three workers (or of the manifests' own nodes) to which the manifests have been applied.
    ///
    /// # Panics
    /// Where the manifests cannot be read.
    pub fn of(manifests: &str) -> Story {
        let mut story = Story::before(manifests);
        story.rest();
        story.told = story.timeline.len();
        story
    }

    /// As [`Story::of`], but nothing has happened yet: the manifests are about to be applied.
    ///
    /// # Panics
    /// Where the manifests cannot be read.
    pub fn before(manifests: &str) -> Story {
        let setup = simulation::read(manifests);
        let errors: Vec<String> = setup.diagnostics.iter().map(|found| format!("{found:?}")).collect();
        assert!(
            setup.diagnostics.iter().all(|found| !found.is_error),
            "the manifests have errors: {errors:#?}"
        );
        let mut timeline = Timeline::new(setup.simulation, setup.nodes);
        let apply = kubectl::Invocation::apply(setup.documents);
        timeline.submit(Command::Kubectl(apply.into()));
        Story { timeline, told: 0 }
    }

    /// Gives a command line and waits until nothing is in progress.
    ///
    /// # Panics
    /// Where nobody understands the line.
    pub fn run(&mut self, line: &str) -> CommandId {
        let id = self.give(line);
        self.rest();
        id
    }

    /// As [`Story::run`]: what the line printed.
    pub fn prints(&mut self, line: &str) -> String {
        let id = self.run(line);
        self.output(id)
    }

    /// Gives a command line; nothing happens yet.
    ///
    /// # Panics
    /// Where nobody understands the line.
    pub fn give(&mut self, line: &str) -> CommandId {
        let command = Command::parse(line, &|_| None).unwrap_or_else(|error| panic!("{line}: {error}"));
        self.timeline.submit(command)
    }

    /// Applies other manifests and waits until nothing is in progress.
    ///
    /// # Panics
    /// Where the manifests cannot be read.
    pub fn apply(&mut self, manifests: &str) -> CommandId {
        let setup = simulation::read(manifests);
        assert!(setup.diagnostics.iter().all(|found| !found.is_error), "{:#?}", setup.diagnostics);
        let apply = kubectl::Invocation::apply(setup.documents);
        let id = self.timeline.submit(Command::Kubectl(apply.into()));
        self.rest();
        id
    }

    /// Waits until nothing is in progress.
    ///
    /// # Panics
    /// Where that never happens.
    pub fn rest(&mut self) {
        let rest = self.timeline.advance(Until::Quiet, Budget { steps: FAR_TOO_MANY });
        assert_ne!(rest, Rest::Exhausted, "the cluster never comes to rest");
    }

    /// Lets so many steps happen.
    pub fn steps(&mut self, count: usize) {
        let last = self.timeline.len() + count - 1;
        self.timeline.advance(Until::Step(kubestep_core::StepId(last as u32)), Budget { steps: count });
    }

    /// What happened since this was last asked, as one line per step of the chapter.
    pub fn tells(&mut self, chapter: Chapter) -> String {
        let new = &self.timeline.steps()[self.told..];
        self.told = self.timeline.len();
        let lines: Vec<String> =
            new.iter().filter(|step| chapter.contains(step)).map(|step| line(step)).collect();
        lines.join("\n") + "\n"
    }

    /// What a command printed, stdout and stderr together.
    pub fn output(&self, id: CommandId) -> String {
        let session = self.timeline.head().sessions.get(&id);
        session.into_iter().flat_map(|session| session.output.iter()).map(|printed| &*printed.text).collect()
    }
}

/// `  2.480 Deployment controller: Scales web-7d4b9c6f5 from 2 to 3: …`
pub fn line(step: &Step) -> String {
    let actor = kubestep_core::narration::actor(&step.actor);
    format!("{:<7} {actor}: {}", step.at.to_string(), kubestep_core::narration::headline(step))
}
