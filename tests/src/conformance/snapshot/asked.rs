//! Fields of objects that a recording tells of and a snapshot has no words for: they mean what they mean in the API.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::conformance::recording::Scenario;

/// The parts of an object in which a field is looked for.
const PARTS: [&str; 3] = ["status", "spec", "metadata"];

/// The fields that a scenario's recording tells of, by the list whose entries have them.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `jobs`: `completedIndexes`
    fields: BTreeMap<String, BTreeSet<String>>,
    /// The same of each entry's `status`.
    of_status: BTreeMap<String, BTreeSet<String>>,
}

impl Asked {
    /// What the recording of a scenario tells of.
    pub fn of(scenario: &Scenario) -> Asked {
        let mut asked = Asked::default();
        let states = scenario.steps.iter().filter_map(|step| step.expect.as_ref());
        for (list, entries) in states.flatten() {
            for entry in entries.as_array().into_iter().flatten() {
                note(&mut asked.fields, list, entry);
                note(&mut asked.of_status, list, &entry["status"]);
            }
        }
        asked
    }

    /// An entry of a list with the fields that are asked for, as its object has them.
    pub(super) fn complete(&self, list: &str, mut entry: Value, object: &Value) -> Value {
        let missing = |fields: &BTreeMap<String, BTreeSet<String>>, entry: &Value| -> Vec<String> {
            let asked = fields.get(list).into_iter().flatten();
            asked.filter(|field| entry.get(field.as_str()).is_none()).cloned().collect()
        };
        for field in missing(&self.fields, &entry) {
            let value = PARTS.iter().map(|part| &object[*part][&field]).find(|value| !value.is_null());
            if let Some(value) = value {
                entry[field] = value.clone();
            }
        }
        if entry["status"].is_object() {
            for field in missing(&self.of_status, &entry["status"]) {
                // Counters that are 0 are left out of objects.
                let value = Some(&object["status"][&field]).filter(|value| !value.is_null());
                entry["status"][&field] = value.cloned().unwrap_or_else(|| 0.into());
            }
        }
        entry
    }
}

fn note(fields: &mut BTreeMap<String, BTreeSet<String>>, list: &str, entry: &Value) {
    let names = entry.as_object().into_iter().flat_map(|entry| entry.keys().cloned());
    fields.entry(list.to_owned()).or_default().extend(names);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_that_only_the_recording_knows_is_read_from_the_object() {
        let mut asked = Asked::default();
        let expected =
            json!({"name": "pi", "completedIndexes": "0", "status": {"active": 1, "uncounted": 2}});
        note(&mut asked.fields, "jobs", &expected);
        note(&mut asked.of_status, "jobs", &expected["status"]);
        let object = json!({"status": {"completedIndexes": "0-2", "active": 9}, "spec": {}, "metadata": {}});
        let entry = json!({"name": "pi", "status": {"active": 1}});
        let completed = asked.complete("jobs", entry, &object);
        let wanted =
            json!({"name": "pi", "completedIndexes": "0-2", "status": {"active": 1, "uncounted": 0}});
        assert_eq!(completed, wanted);
    }
}
