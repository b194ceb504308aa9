//! `cargo xtask run`: the core without a browser. Applies manifests, runs kubectl commands, tells what happens.

mod files;
mod telling;

use std::io;

use kubestep_core::engine::{Budget, CommandId, Rest, Until};
use kubestep_core::{Command, Timeline};

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome, While};
use files::Manifests;
use telling::Telling;

/// A command that takes more steps than this never comes to rest, as far as anybody here will wait.
const MOST_STEPS: usize = 2_000_000;

/// Tells the story of manifests and commands; fails if kubectl did.
pub(crate) fn run_command(mut arguments: Arguments) -> Outcome {
    let lines = arguments.take_values("--do")?;
    let telling = match (arguments.take_flag("--steps"), arguments.take_flag("--json")) {
        (false, false) => Telling::Headlines,
        (true, false) => Telling::EveryStep,
        (false, true) => Telling::Json,
        (true, true) => return Err(Failure::new("--steps and --json exclude each other")),
    };
    let names = arguments.take_names()?;
    if names.is_empty() {
        return Err(Failure::new("name at least one manifest, or - for the standard input"));
    }

    let manifests = Manifests::read(&names)?;
    let setup = manifests.setup()?;
    // Every line is understood before anything happens.
    let commands = lines.iter().map(|line| files::command(line)).collect::<Outcome<Vec<_>>>()?;
    let apply = manifests.apply(&setup);
    let mut timeline = Timeline::new(setup.simulation, setup.nodes);
    let mut given = vec![give(&mut timeline, apply)?];
    for command in commands {
        given.push(give(&mut timeline, command)?);
    }
    match telling.tell(timeline.steps(), &mut io::stdout().lock()) {
        // Whoever reads has seen enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        told => told.while_doing("print the steps")?,
    }
    complaint(&timeline, &given)
}

/// Submits a command and lets the cluster come to rest: first the command, which may wait for timers, then the rest.
fn give(timeline: &mut Timeline, command: Command) -> Outcome<CommandId> {
    let line = command.line();
    let id = timeline.submit(command);
    for goal in [Until::Command(id), Until::Quiet] {
        if timeline.advance(goal, Budget { steps: MOST_STEPS }) == Rest::Exhausted {
            return Err(Failure::new(format!("{line}: not at rest after {MOST_STEPS} steps")));
        }
    }
    Ok(id)
}

/// The commands that kubectl ended with an error, or never ended.
fn complaint(timeline: &Timeline, given: &[CommandId]) -> Outcome {
    let sessions = given.iter().filter_map(|id| timeline.head().sessions.get(id));
    let complaints: Vec<String> = sessions
        .filter_map(|session| match session.exit {
            // What follows is ended by a person, or goes on for ever.
            Some(0 | 130) => None,
            None if session.follows() => None,
            Some(code) => Some(format!("{}: exit code {code}", session.invocation.line)),
            None => Some(format!("{}: still waits, and nothing more is due", session.invocation.line)),
        })
        .collect();
    match complaints.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(complaints.join("\n"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of README.md that show what this command prints.
    #[test]
    fn the_readme_shows_what_is_printed() {
        let root = crate::project::root();
        let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
        let example = readme.split("```console").find(|block| block.contains("$ cargo xtask run")).unwrap();
        let shown: Vec<&str> =
            example.lines().filter(|line| line.contains("Deployment controller")).collect();
        assert!(!shown.is_empty());

        let manifest = root.join("static/first-visit.yaml").to_string_lossy().into_owned();
        let manifests = Manifests::read(&[manifest]).unwrap();
        let setup = manifests.setup().unwrap();
        let apply = manifests.apply(&setup);
        let roll = files::command("set image deployment/my-deployment my-container=my-image:2").unwrap();
        let mut timeline = Timeline::new(setup.simulation, setup.nodes);
        give(&mut timeline, apply).unwrap();
        give(&mut timeline, roll).unwrap();
        let mut told = Vec::new();
        Telling::Headlines.tell(timeline.steps(), &mut told).unwrap();
        let told = String::from_utf8(told).unwrap();
        let printed: Vec<&str> = told.lines().filter(|line| line.contains("Scales")).collect();
        assert_eq!(shown, printed);
    }
}
