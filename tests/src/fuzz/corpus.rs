//! Manifests to start from: those of the recordings, and the page's own.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// Manifests that somebody meant.
#[derive(Clone, Debug)]
pub struct Corpus(pub(super) Vec<String>);

impl Corpus {
    /// The manifests of every recording below `folder`.
    ///
    /// # Errors
    /// A sentence if there are none.
    pub fn of_recordings(folder: &Path) -> Result<Corpus, String> {
        let mut found = Vec::new();
        collect_files(folder, &mut found);
        found.sort();
        found.dedup();
        match found.is_empty() {
            true => Err(format!("there are no recordings in {}", folder.display())),
            false => Ok(Corpus(found)),
        }
    }
}

fn collect_files(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json")
            && let Ok(text) = fs::read_to_string(&path)
            && let Ok(recording) = serde_json::from_str(&text)
        {
            collect(&recording, found);
        }
    }
}

/// Every text of a recording that looks like a manifest.
fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains("kind:") => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(map) => map.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}
