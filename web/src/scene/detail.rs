//! How much of a pod is shown, by the space there is: card, mini, slim, tag or cell.
//!
//! Every node shows its pods in the same detail. The detail follows the most slots that any node will need while the
//! current command runs, so that it does not change in the middle of a rollout, and it only grows back when there is a
//! tenth more space than it needs.

use super::geometry::{Rect, Size};

/// How much of a pod is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Detail {
    /// Name, state, containers and IP: 160 x 74.
    Card,
    /// The name's suffix and the state: two lines, 44 high.
    Mini,
    /// One line, 26 high.
    Slim,
    /// The state's glyph and the name's suffix, 20 high.
    Tag,
    /// A mark of this edge length, whose shape is the state.
    Cell(f32),
}

const CARD: Size = Size::new(160.0, 74.0);
const CARD_GAP: f32 = 7.0;
const MINI: Size = Size::new(118.0, 44.0);
const SLIM: Size = Size::new(118.0, 26.0);
const TAG: Size = Size::new(58.0, 20.0);
const GAP: f32 = 5.0;
/// Cells are drawn between these edge lengths; the gap is a quarter of the edge.
const CELL_LARGEST: f32 = 24.0;
const CELL_SMALLEST: f32 = 3.0;
/// Space that must be left over before a larger detail is taken again.
const HYSTERESIS: f32 = 1.1;

/// The largest detail in which so many pods fit into the area.
pub fn detail_for(area: Size, pods: usize, before: Option<Detail>) -> Detail {
    for (detail, size, gap) in [
        (Detail::Card, CARD, CARD_GAP),
        (Detail::Mini, MINI, GAP),
        (Detail::Slim, SLIM, GAP),
        (Detail::Tag, TAG, GAP),
    ] {
        let grows = before.is_some_and(|before| rank(before) > rank(detail));
        let factor = if grows { HYSTERESIS } else { 1.0 };
        let columns = columns(area.width, size.width, gap);
        let rows = pods.div_ceil(columns.max(1)).max(1) as f32;
        let needed = rows * size.height + (rows - 1.0) * gap;
        if columns > 0 && needed * factor <= area.height {
            return detail;
        }
    }
    Detail::Cell(cell_edge(area, pods))
}

/// The detail that fits a rectangle of this height: what is drawn follows the place alone.
pub fn detail_of(rect: Rect) -> Detail {
    // Cells alone are square.
    if rect.width == rect.height {
        return Detail::Cell(rect.width);
    }
    match rect.height {
        height if height >= CARD.height => Detail::Card,
        height if height >= MINI.height => Detail::Mini,
        height if height >= SLIM.height => Detail::Slim,
        _ => Detail::Tag,
    }
}

/// The rectangle of a slot inside the area that holds a node's pods.
pub fn slot_rect(area: Rect, detail: Detail, slot: usize) -> Rect {
    let (size, gap) = match detail {
        Detail::Card => (CARD, CARD_GAP),
        Detail::Mini => (MINI, GAP),
        Detail::Slim => (SLIM, GAP),
        Detail::Tag => (TAG, GAP),
        Detail::Cell(edge) => return cell_rect(area, edge, slot),
    };
    let columns = columns(area.width, size.width, gap).max(1);
    let width = (area.width - gap * (columns - 1) as f32) / columns as f32;
    let (column, row) = (slot % columns, slot / columns);
    Rect::new(
        area.x + column as f32 * (width + gap),
        area.y + row as f32 * (size.height + gap),
        width,
        size.height,
    )
}

fn rank(detail: Detail) -> u8 {
    match detail {
        Detail::Card => 0,
        Detail::Mini => 1,
        Detail::Slim => 2,
        Detail::Tag => 3,
        Detail::Cell(_) => 4,
    }
}

fn columns(available: f32, width: f32, gap: f32) -> usize {
    ((available + gap + 0.01) / (width + gap)).floor().max(0.0) as usize
}

/// The largest edge at which so many cells, a quarter edge apart, fit into the area.
fn cell_edge(area: Size, pods: usize) -> f32 {
    let mut edge = CELL_LARGEST;
    while edge > CELL_SMALLEST {
        let pitch = edge * 1.25;
        let fits = (area.width / pitch).floor() * (area.height / pitch).floor();
        if fits >= pods as f32 {
            return edge;
        }
        edge -= 0.2;
    }
    CELL_SMALLEST
}

fn cell_rect(area: Rect, edge: f32, slot: usize) -> Rect {
    let pitch = edge * 1.25;
    let columns = (area.width / pitch).floor().max(1.0) as usize;
    let (column, row) = (slot % columns, slot / columns);
    Rect::new(area.x + column as f32 * pitch, area.y + row as f32 * pitch, edge, edge)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The inside of a node at 1440 x 900: 188 wide, 280 high.
    const AREA: Size = Size::new(160.0, 158.0);

    #[test]
    fn two_pods_are_cards_three_are_minis_five_are_slim_twelve_are_tags_and_many_are_cells() {
        assert_eq!(detail_for(AREA, 2, None), Detail::Card);
        assert_eq!(detail_for(AREA, 3, None), Detail::Mini);
        assert_eq!(detail_for(AREA, 5, None), Detail::Slim);
        assert_eq!(detail_for(AREA, 12, None), Detail::Tag);
        let Detail::Cell(edge) = detail_for(AREA, 60, None) else { panic!("60 pods need cells") };
        assert!((8.0..=24.0).contains(&edge), "{edge}");
    }

    #[test]
    fn the_slots_of_two_cards_are_where_the_design_has_them() {
        let area = Rect::new(162.0, 372.0, 160.0, 158.0);
        assert_eq!(slot_rect(area, Detail::Card, 0), Rect::new(162.0, 372.0, 160.0, 74.0));
        assert_eq!(slot_rect(area, Detail::Card, 1), Rect::new(162.0, 453.0, 160.0, 74.0));
    }

    #[test]
    fn slots_lie_inside_the_area_and_never_overlap() {
        let area = Rect::new(10.0, 20.0, AREA.width, AREA.height);
        for pods in [1, 2, 3, 4, 5, 8, 20, 60, 110, 300] {
            let detail = detail_for(AREA, pods, None);
            let slots: Vec<Rect> = (0..pods).map(|slot| slot_rect(area, detail, slot)).collect();
            for (index, slot) in slots.iter().enumerate() {
                assert!(area.contains(*slot), "{pods} pods, slot {index}: {slot:?}");
                assert!(
                    slots[..index].iter().all(|other| !other.overlaps(*slot)),
                    "{pods} pods, slot {index}"
                );
            }
        }
    }

    #[test]
    fn a_larger_detail_comes_back_only_with_a_tenth_to_spare() {
        let tight = Size::new(160.0, 156.0);
        assert_eq!(detail_for(tight, 2, None), Detail::Card);
        assert_eq!(detail_for(tight, 2, Some(Detail::Mini)), Detail::Mini);
        assert_eq!(detail_for(Size::new(160.0, 172.0), 2, Some(Detail::Mini)), Detail::Card);
    }
}
