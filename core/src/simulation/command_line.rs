//! What a container's own command says of its end.
//!
//! ```text
//! [sleep, "3600"]                           ends with 0 after an hour
//! [sh, -c, "echo hello; sleep 5; exit 1"]   ends with 1 after five seconds
//! [sh, -c, "while true; do date; done"]     goes on and on
//! [perl, -e, …]                             nobody knows
//! ```

use k8s_openapi::api::core::v1::Container;

use self::Lasts::For;
use super::behaviour::LONGEST;
use crate::time::Duration;

/// How long a process goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// Until it is stopped.
    Forever,
    /// For so long; then it ends with this code.
    For(Duration, i32),
}

/// How long the process of a container goes on, where its command and arguments consist of what is understood here: a
/// shell's `sleep`, `exit`, `true`, `false`, `echo` and the like. `None` for any other program.
pub fn lasts(container: &Container) -> Option<Lasts> {
    let words = container.command.iter().flatten().chain(container.args.iter().flatten());
    let words: Vec<&str> = words.map(String::as_str).collect();
    match words.as_slice() {
        [shell, flag, script, ..] if is_shell(shell) && matches!(*flag, "-c" | "-ec") => script_lasts(script),
        [] => None,
        words => match statement(words)? {
            Done::Next(time, code) => Some(For(time, code)),
            Done::Exit(code) => Some(For(Duration::ZERO, code)),
            Done::Never => Some(Lasts::Forever),
        },
    }
}

/// What became of a statement.
enum Done {
    /// It took so long, with this code.
    Next(Duration, i32),
    /// The shell ends with this code.
    Exit(i32),
    /// It does not end.
    Never,
}

fn is_shell(program: &str) -> bool {
    matches!(name_of(program), "sh" | "bash" | "ash")
}

/// `/bin/sleep` is `sleep`.
fn name_of(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

fn script_lasts(script: &str) -> Option<Lasts> {
    let script = script.trim();
    if ["while true", "while :", "while sleep"].iter().any(|endless| script.starts_with(endless)) {
        return Some(Lasts::Forever);
    }
    let (mut passed, mut code) = (Duration::ZERO, 0);
    for line in script.split([';', '\n']) {
        for part in line.split("&&") {
            let words: Vec<&str> = part.split_whitespace().collect();
            if words.is_empty() {
                continue;
            }
            match statement(&words)? {
                Done::Never => return Some(Lasts::Forever),
                Done::Exit(code) => return Some(For(passed, code)),
                Done::Next(time, result) => (passed, code) = (passed + time, result),
            }
            // What stands behind && is left out, the next line is not.
            if code != 0 {
                break;
            }
        }
        if passed > LONGEST {
            return Some(Lasts::Forever);
        }
    }
    Some(For(passed, code))
}

fn statement(words: &[&str]) -> Option<Done> {
    let (program, rest) = words.split_first()?;
    match (name_of(program), rest) {
        ("exec", rest) => statement(rest),
        ("sleep", ["infinity" | "inf"]) | ("tail", ["-f", ..]) => Some(Done::Never),
        ("sleep", [time]) => seconds(time).map(|time| Done::Next(time, 0)),
        ("exit", []) => Some(Done::Exit(0)),
        ("exit", [code]) => code.parse::<u8>().ok().map(|code| Done::Exit(i32::from(code))),
        ("true" | ":" | "echo" | "date" | "printf" | "hostname", _) => Some(Done::Next(Duration::ZERO, 0)),
        ("false", []) => Some(Done::Next(Duration::ZERO, 1)),
        _ => None,
    }
}

/// `5`, `0.5`, `2m`
fn seconds(text: &str) -> Option<Duration> {
    let (number, unit) = match text.trim_end_matches(['s', 'm', 'h', 'd']) {
        number if number.len() == text.len() => (number, "s"),
        number => (number, &text[number.len()..]),
    };
    let seconds = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    let number = number.parse::<f64>().ok().filter(|number| (0.0..1e9).contains(number))?;
    Some(Duration::from_millis((number * seconds * 1000.0) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(command: &[&str]) -> Option<Lasts> {
        let command = Some(command.iter().map(|word| (*word).to_owned()).collect());
        lasts(&Container { command, ..Container::default() })
    }

    #[test]
    fn commands_that_say_when_they_end_are_understood() {
        let for_ms = |ms, code| Some(For(Duration::from_millis(ms), code));
        assert_eq!(of(&["sleep", "3600"]), for_ms(3_600_000, 0));
        assert_eq!(of(&["/bin/sleep", "0.5"]), for_ms(500, 0));
        assert_eq!(of(&["sleep", "2m"]), for_ms(120_000, 0));
        assert_eq!(of(&["false"]), for_ms(0, 1));
        assert_eq!(of(&["sh", "-c", "echo hello; sleep 5; exit 3"]), for_ms(5_000, 3));
        assert_eq!(of(&["/bin/sh", "-c", "sleep 1 && false && sleep 9"]), for_ms(1_000, 1));
        assert_eq!(of(&["bash", "-c", "date\nsleep 2\n"]), for_ms(2_000, 0));
        for endless in [
            &["sleep", "infinity"][..],
            &["tail", "-f", "/dev/null"],
            &["sh", "-c", "while true; do date; done"],
        ] {
            assert_eq!(of(endless), Some(Lasts::Forever), "{endless:?}");
        }
    }

    #[test]
    fn of_any_other_program_nobody_knows() {
        let others = [
            &[][..],
            &["perl", "-e", "1"],
            &["sh", "-c", "curl web | grep ok"],
            &["sleep"],
            &["sleep", "soon"],
            &["sleep", "-1"],
        ];
        for other in others {
            assert_eq!(of(other), None, "{other:?}");
        }
    }
}
