//! What Apply would send: the draft beside what was applied last.

use std::rc::Rc;

use yew::prelude::*;

use super::Dialog;
use crate::diff::{Edit, edits};

/// Unchanged lines shown on either side of a change.
const AROUND: usize = 3;

/// What is compared.
#[derive(Properties, PartialEq)]
pub struct ReviewProps {
    /// The text applied last.
    pub applied: Rc<str>,
    /// The text in the editor.
    pub draft: Rc<str>,
    /// Applies the draft.
    pub on_apply: Callback<()>,
    /// Closes without applying.
    pub on_close: Callback<()>,
}

/// The comparison, and the button that applies it.
#[component]
pub fn Review(props: &ReviewProps) -> Html {
    let apply = {
        let (on_apply, on_close) = (props.on_apply.clone(), props.on_close.clone());
        Callback::from(move |_: MouseEvent| {
            on_close.emit(());
            on_apply.emit(());
        })
    };
    let rows = rows(&props.applied, &props.draft);
    html! {
        <Dialog title="Pending changes" class="review" on_close={props.on_close.clone()}>
            <div class="dlg-b" tabindex="0" role="group" aria-label="Changed lines">
                if rows.is_empty() {
                    <p>{ "The manifests are as they were applied." }</p>
                } else {
                    <div class="diff"><pre>{ for rows.iter().map(row) }</pre></div>
                }
            </div>
            <div class="apply">
                <span class="pend">{ "Objects that are left out of the file are left alone." }</span>
                <span class="grow"></span>
                <button class="btn btn-pri" type="button" onclick={apply}>{ "Apply" }</button>
            </div>
        </Dialog>
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ReviewRow {
    Same(String),
    Removed(String),
    Added(String),
    Skipped(usize),
}

fn row(row: &ReviewRow) -> Html {
    match row {
        ReviewRow::Same(text) => html! { <span class="u">{ format!("  {text}") }</span> },
        ReviewRow::Removed(text) => html! { <span class="d">{ format!("- {text}") }</span> },
        ReviewRow::Added(text) => html! { <span class="a">{ format!("+ {text}") }</span> },
        ReviewRow::Skipped(1) => html! { <span class="u">{ "  (1 unchanged line)" }</span> },
        ReviewRow::Skipped(count) => {
            html! { <span class="u">{ format!("  ({count} unchanged lines)") }</span> }
        }
    }
}

/// Changed lines with a few around them; longer unchanged stretches become one row.
fn rows(old: &str, new: &str) -> Vec<ReviewRow> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let edits = edits(&old, &new);
    let changed: Vec<usize> = edits
        .iter()
        .enumerate()
        .filter(|(_, edit)| !matches!(edit, Edit::Same { .. }))
        .map(|(index, _)| index)
        .collect();
    if changed.is_empty() {
        return Vec::new();
    }
    let mut rows = Vec::new();
    let mut skipped = 0;
    for (index, edit) in edits.iter().enumerate() {
        let row = match edit {
            Edit::Same { new: line, .. } if near(&changed, index) => ReviewRow::Same(new[*line].to_owned()),
            Edit::Same { .. } => {
                skipped += 1;
                continue;
            }
            Edit::Removed(line) => ReviewRow::Removed(old[*line].to_owned()),
            Edit::Added(line) => ReviewRow::Added(new[*line].to_owned()),
        };
        if skipped > 0 {
            rows.push(ReviewRow::Skipped(std::mem::take(&mut skipped)));
        }
        rows.push(row);
    }
    if skipped > 0 {
        rows.push(ReviewRow::Skipped(skipped));
    }
    rows
}

/// Whether a changed row lies within [`AROUND`] of `index`; `changed` ascends.
fn near(changed: &[usize], index: usize) -> bool {
    let after = changed.partition_point(|&each| each < index);
    let close = |at: Option<&usize>| at.is_some_and(|&each| each.abs_diff(index) <= AROUND);
    close(changed.get(after)) || close(after.checked_sub(1).and_then(|before| changed.get(before)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_unchanged_stretches_become_one_row() {
        let old: Vec<String> = (0..20).map(|line| format!("line {line}")).collect();
        let mut new = old.clone();
        new[10] = "other".to_owned();
        let rows = rows(&old.join("\n"), &new.join("\n"));
        assert_eq!(rows.first(), Some(&ReviewRow::Skipped(7)));
        assert_eq!(rows.last(), Some(&ReviewRow::Skipped(6)));
        assert_eq!(rows.len(), 2 + 2 * AROUND + 2);
    }

    #[test]
    fn equal_texts_have_no_rows() {
        assert_eq!(rows("a\nb", "a\nb"), []);
    }
}
