//! Which part of the sources may use which: the arrows of ARCHITECTURE.md, looked for in the text.

use std::fs;
use std::path::Path;

use crate::failure::{Failure, Outcome, While};
use crate::project;

/// A text that may stand only where a rule allows it.
struct Rule {
    /// Folder or file (without `.rs`) that the rule is about.
    within: &'static str,
    /// What may not be written there.
    never: &'static [&'static str],
    /// Folders or files below `within` that may.
    except: &'static [&'static str],
    /// The reason, shown with every place that breaks the rule.
    because: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        within: "core/src",
        never: &[
            "std::fs",
            "std::net::Tcp",
            "std::net::Udp",
            "std::net::ToSocketAddrs",
            "std::env",
            "std::process",
            "std::thread",
            "println!",
            "std::io",
        ],
        except: &[],
        because: "core does no I/O",
    },
    Rule {
        within: "core/src",
        never: &["serde_yaml"],
        except: &["core/src/manifest"],
        because: "YAML is read in manifest.rs alone",
    },
    Rule {
        within: "core/src/api",
        never: LATER_THAN_API,
        except: &[],
        because: "the API objects are the lowest layer",
    },
    Rule {
        within: "core/src/apiserver",
        never: ABOVE_COMPONENTS,
        except: &[],
        because: "the API server knows neither its clients nor who runs it",
    },
    Rule {
        within: "core/src/controllers",
        never: &[
            "crate::scheduler",
            "crate::kubelet",
            "crate::network",
            "crate::narration",
            "crate::kubectl",
        ],
        except: &[],
        because: "a controller knows other components through the API alone",
    },
    Rule {
        within: "core/src/controllers",
        never: THE_WHOLE_WORLD,
        except: &[],
        because: "a controller sees its snapshot, never the world",
    },
    Rule {
        within: "core/src/scheduler",
        never: &[
            "crate::controllers",
            "crate::kubelet",
            "crate::network",
            "crate::narration",
            "crate::kubectl",
        ],
        except: &[],
        because: "the scheduler knows other components through the API alone",
    },
    Rule {
        within: "core/src/scheduler",
        never: THE_WHOLE_WORLD,
        except: &[],
        because: "the scheduler sees its snapshot, never the world",
    },
    Rule {
        within: "core/src/kubelet",
        never: &["crate::controllers", "crate::scheduler", "crate::narration", "crate::kubectl"],
        except: &[],
        because: "a kubelet knows other components through the API alone",
    },
    Rule {
        within: "core/src/kubelet",
        never: THE_WHOLE_WORLD,
        except: &[],
        because: "a kubelet sees its snapshot and its machine, never the world",
    },
    Rule {
        within: "core/src/engine",
        never: &["crate::narration"],
        except: &[],
        because: "words stand above the engine: what happens never depends on them",
    },
    Rule {
        within: "web/src",
        never: &["requestAnimationFrame", "request_animation_frame"],
        except: &["web/src/stage"],
        because: "the stage owns the animation clock",
    },
    Rule {
        within: "web/src/scene",
        never: &["web_sys", "js_sys", "wasm_bindgen", "yew"],
        except: &[],
        because: "a scene is computed from a world alone, and tested natively",
    },
];

const LATER_THAN_API: &[&str] = &[
    "crate::apiserver",
    "crate::plan",
    "crate::controllers",
    "crate::scheduler",
    "crate::kubelet",
    "crate::network",
    "crate::engine",
    "crate::narration",
    "crate::kubectl",
];

const THE_WHOLE_WORLD: &[&str] = &[
    "crate::World",
    "crate::Timeline",
    "crate::next_step",
    "crate::engine::World",
    "crate::engine::world",
    "crate::engine::play",
    "crate::engine::timeline",
];

const ABOVE_COMPONENTS: &[&str] = &[
    "crate::controllers",
    "crate::scheduler",
    "crate::kubelet",
    "crate::engine",
    "crate::narration",
    "crate::kubectl",
];

/// Lists every line that breaks a rule.
pub(super) fn check() -> Outcome {
    let mut broken = Vec::new();
    for folder in ["core/src", "web/src"] {
        look_into(&project::root().join(folder), &mut broken)?;
    }
    match broken.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(broken.join("\n"))),
    }
}

fn look_into(folder: &Path, broken: &mut Vec<String>) -> Outcome {
    for entry in fs::read_dir(folder).while_doing(format!("list {}", folder.display()))? {
        let path = entry.while_doing(format!("list {}", folder.display()))?.path();
        if path.is_dir() {
            look_into(&path, broken)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).while_doing(format!("read {}", path.display()))?;
            let name =
                path.strip_prefix(project::root()).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            broken.extend(breaches(&name, &text));
        }
    }
    Ok(())
}

/// `file:line: text: reason` for each breach. Comments may mention anything, and tests may use anything: those in a
/// file of their own, and those at a file's end.
fn breaches(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if file.ends_with("/tests.rs") || file.contains("/tests/") {
        return found;
    }
    for rule in RULES.iter().filter(|rule| rule.is_about(file)) {
        for (index, line) in text.lines().enumerate() {
            if line.trim_start() == "#[cfg(test)]" {
                break;
            }
            let code = line.split("//").next().unwrap_or_default();
            if let Some(word) = rule.never.iter().find(|word| code.contains(*word)) {
                found.push(format!("{file}:{}: {word}: {}", index + 1, rule.because));
            }
        }
    }
    found
}

impl Rule {
    fn is_about(&self, file: &str) -> bool {
        lies_in(file, self.within) && !self.except.iter().any(|except| lies_in(file, except))
    }
}

/// Whether `file` is the module `place` or in it: `core/src/manifest.rs` and `core/src/manifest/spans.rs` lie in
/// `core/src/manifest`.
fn lies_in(file: &str, place: &str) -> bool {
    file.strip_prefix(place).is_some_and(|tail| tail.starts_with('/') || tail == ".rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breach_is_named_with_its_line_and_reason() {
        let text = "//! Not std::fs.\nuse std::fs;\n";
        assert_eq!(breaches("core/src/time.rs", text), ["core/src/time.rs:2: std::fs: core does no I/O"]);
    }

    #[test]
    fn exceptions_and_tests_are_free() {
        assert!(breaches("core/src/manifest/read.rs", "use serde_yaml::Value;").is_empty());
        assert!(breaches("core/src/scheduler/tests.rs", "use crate::narration;").is_empty());
        assert!(breaches("core/src/time.rs", "#[cfg(test)]\nmod tests { use std::fs; }").is_empty());
        assert!(!breaches("core/src/manifests.rs", "use serde_yaml::Value;").is_empty());
    }
}
