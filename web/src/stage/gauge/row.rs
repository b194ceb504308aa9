//! The dial of everything that makes pods but a Deployment: a place for each ordinal, node or completion.

use yew::prelude::*;

use super::cells::{GAP, MOST_CELLS, Strip, cells, px};
use super::{head, pitch};
use crate::scene::figures::{Gauge, Row, RowSize};

/// Width of a character above a cell, and of one below the strip.
const NAME_CHARACTER: f32 = 6.0;
const NOTE_CHARACTER: f32 = 5.5;

/// The dial of a row of places.
pub(super) fn dial(row: &Row, gauge: &Gauge, strip: Strip) -> Html {
    let width = gauge.rect.width;
    let most = row.cells.len().max(1);
    let pitch = pitch(width, most);
    let below = strip.bottom() + 17.0;
    html! {
        <>
            { head(gauge, row.title, &row.mode) }
            { cells(&row.cells, most, pitch, strip) }
            if let Some(places) = row.line {
                <path class="g-ceiling" d={format!("M{} {}v{}", px((places as f32 * pitch - GAP / 2.0).max(1.2)),
                    px(strip.top - strip.reach / 2.0), px(strip.height + strip.reach))} />
            }
            if gauge.size != RowSize::Line {
                if most <= MOST_CELLS {
                    { names(row, pitch, strip) }
                }
                <text class="g-count" x="0" y={px(below)}>{ &row.reached }</text>
                <text class="g-count" x={px(width)} y={px(below)} text-anchor="end">{ &row.limit }</text>
            }
            if gauge.size == RowSize::Full {
                { note(row, width, below + 10.0) }
            }
        </>
    }
}

/// What each place is called, above it; of a long name its end.
fn names(row: &Row, pitch: f32, strip: Strip) -> Html {
    let most = ((pitch - GAP + 2.0) / NAME_CHARACTER).max(1.0) as usize;
    let name = |(place, name): (usize, &String)| {
        let x = place as f32 * pitch + (pitch - GAP) / 2.0;
        let length = name.chars().count();
        let shown = match length {
            _ if length <= most => name.clone(),
            _ => format!("…{}", name.chars().skip(length + 1 - most).collect::<String>()),
        };
        html! { <text class="g-place" x={px(x)} y={px(strip.top - 6.0)} text-anchor="middle">{ shown }</text> }
    };
    row.names.iter().enumerate().map(name).collect()
}

fn note(row: &Row, width: f32, y: f32) -> Html {
    let Some(note) = &row.note else { return html! {} };
    let most = ((width - 18.0) / NOTE_CHARACTER) as usize;
    let length = note.words.chars().count();
    let words = match length {
        _ if length <= most => note.words.clone(),
        _ => format!("{}…", note.words.chars().take(most - 1).collect::<String>()),
    };
    html! {
        <>
            <g class={format!("g-note-{}", note.glyph)} transform={format!("translate(0 {})", px(y))}>
                <use href={format!("#g-{}", note.glyph)} width="12" height="12" />
            </g>
            <text class="g-count" x="17" y={px(y + 10.0)}>{ words }</text>
        </>
    }
}
