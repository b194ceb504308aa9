//! What the documentation lists is what there is.

use std::fmt::Write;

use expect_test::expect_file;
use kubestep_core::engine::command::sim;
use kubestep_core::simulation::{Holds, Setting, behaviours, settings};

const HEAD: &str = "\
# The simulation

Beside what kubectl applies, cluster.yaml (on the page) and any manifest file (in a terminal) may hold documents of
kubestep's own, `apiVersion: kubestep.dev/v1alpha1`. Every `kind: Node` among them is a machine of the cluster; without
any there are three of 4 CPUs and 8 GiB. A time is a duration as in Go: `250ms`, `1.5s`, `2m`.
";

fn holds(setting: &Setting) -> String {
    match setting.holds {
        Holds::OneOf(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Holds::TimeOr(word) => format!("duration, or `{word}`"),
        other => other.name().to_owned(),
    }
}

fn table(text: &mut String, first: &str, settings: Vec<Setting>) {
    writeln!(text, "| {first} | holds | without it | does |\n|---|---|---|---|").unwrap();
    for setting in settings.iter().filter(|setting| setting.holds != Holds::Fields) {
        let default = setting.default.as_ref().map_or_else(String::new, |value| format!("`{value}`"));
        let (path, words) = (&setting.path, setting.words);
        writeln!(text, "| `{path}` | {} | {default} | {words} |", holds(setting)).unwrap();
    }
}

#[test]
fn the_simulations_documents_are_documented_field_by_field() {
    let mut text = HEAD.to_owned();
    text += "\n## `kind: Simulation`: how the cluster behaves\n\n";
    table(&mut text, "field", settings("Simulation"));
    text += "\n## `kind: Traffic`: a client that sends requests all the time\n\n";
    table(&mut text, "field", settings("Traffic"));
    text += "\n## Annotations of pods: what their containers do\n\n";
    text += "`sim.kubestep.dev/NAME` is about every container of the pod, `sim.kubestep.dev/NAME.CONTAINER` about one.\n\n";
    table(&mut text, "`sim.kubestep.dev/`", behaviours());
    text += "\n## Lines: what a person does besides kubectl\n\n";
    text += "At the prompt, and behind `--do` in a terminal. They are part of the history, of replay and of links.\n\n";
    text += "| line | does |\n|---|---|\n";
    for (form, meaning) in sim::FORMS {
        writeln!(text, "| `sim {form}` | {meaning} |").unwrap();
    }
    expect_file!["../../docs/simulation.md"].assert_eq(&text);
}
