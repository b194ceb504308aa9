//! The floor plan: where the bands, cards and node tiles of the stage are, for the space there is.
//!
//! From top to bottom: who acts (control plane), what is desired (workload), what runs (nodes); the left edge is outside
//! the cluster. At 1440 x 900 the stage is 736 x 628 and the plan is the design's, pixel for pixel. A larger space
//! gives wider nodes, a smaller one first shorter nodes and then a smaller scale.

use super::geometry::{Point, Rect, Size};

/// What the plan has to make room for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Needs {
    /// Height of the workload rows together, without the band's label.
    pub workload_height: f32,
    /// How many nodes there are.
    pub nodes: usize,
    /// Whether a lane is open for pods that fit on no node.
    pub tray_open: bool,
}

/// Where everything is, in the stage's own coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct FloorPlan {
    /// The stage's own size.
    pub size: Size,
    /// Pixels on the screen for one pixel of the stage, so that all of it fits.
    pub scale: f32,
    /// kubectl's card.
    pub kubectl: Rect,
    /// etcd's card.
    pub etcd: Rect,
    /// The API server's card.
    pub api_server: Rect,
    /// The controller manager's card.
    pub controller_manager: Rect,
    /// The scheduler's card.
    pub scheduler: Rect,
    /// The line between the control plane and the workload.
    pub workload_band: f32,
    /// The workload rows: cards on the left, gauge on the right.
    pub workload: Rect,
    /// The line between the workload and the nodes.
    pub node_band: f32,
    /// Pods that wait for the scheduler.
    pub tray: Rect,
    /// Clients and Services.
    pub traffic: Rect,
    /// The wire from the Services to the nodes runs along this height.
    pub bus_y: f32,
    /// One tile for each node, in the nodes' order.
    pub nodes: Vec<Rect>,
    /// How much of a node's tile is shown.
    pub tile: Tile,
}

/// How much of a node is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tile {
    /// Header, pods, system pods, meters and conditions.
    Full,
    /// Header, pods and meters.
    Short,
    /// Header and pods.
    Bare,
}

const SMALLEST: Size = Size::new(700.0, 500.0);
const DESIGNED: Size = Size::new(736.0, 628.0);
/// Space beyond the designed size is used for scale too, up to this factor: text is read from further away on large screens.
const LARGEST_SCALE: f32 = 1.3;
const MARGIN: f32 = 16.0;
const CONTROL_PLANE_BOTTOM: f32 = 152.0;
const WORKLOAD_LABEL: f32 = 28.0;
/// The workload's band has room for one Deployment before there is one, so that nothing jumps when it comes.
const SMALLEST_WORKLOAD: f32 = 120.0;
const NODES_LABEL: f32 = 32.0;
const TRAY_LANE: f32 = 46.0;
const NODES_LEFT: f32 = 140.0;
const NODE_GAP: f32 = 8.0;
const BOTTOM: f32 = 8.0;
/// Above this number of nodes, tiles stand in several rows.
const ONE_ROW: usize = 4;
const SMALLEST_TILE: Size = Size::new(47.0, 42.0);

impl FloorPlan {
    /// The plan for a space of so many screen pixels.
    pub fn new(space: Size, needs: Needs) -> FloorPlan {
        let above_nodes =
            CONTROL_PLANE_BOTTOM + WORKLOAD_LABEL + needs.workload_height.max(SMALLEST_WORKLOAD) + 8.0;
        let tray_lane = if needs.tray_open { TRAY_LANE } else { 0.0 };
        let chrome = above_nodes + NODES_LABEL + tray_lane + BOTTOM;
        let designed_height = (chrome + 280.0).max(DESIGNED.height);
        let smallest_height = (chrome + 168.0).max(SMALLEST.height);
        let scale = scale_for(space, designed_height, smallest_height);
        let size = Size::new(space.width / scale, space.height / scale);

        let right = size.width - MARGIN;
        let node_band = above_nodes;
        let nodes_top = node_band + NODES_LABEL + tray_lane;
        let area = Rect::new(
            NODES_LEFT,
            nodes_top,
            right - NODES_LEFT,
            (size.height - BOTTOM - nodes_top).max(60.0),
        );
        let nodes = tiles(area, needs.nodes);
        let tile = nodes.first().map_or(Tile::Full, |tile| tile_kind(*tile));
        FloorPlan {
            size,
            scale,
            kubectl: Rect::new(16.0, 30.0, 104.0, 50.0),
            etcd: Rect::new(16.0, 90.0, 104.0, 50.0),
            api_server: Rect::new(168.0, 30.0, 108.0, 110.0),
            controller_manager: Rect::new(right - 252.0, 30.0, 252.0, 76.0),
            scheduler: Rect::new(right - 252.0, 112.0, 252.0, 28.0),
            workload_band: CONTROL_PLANE_BOTTOM,
            workload: Rect::new(
                MARGIN,
                CONTROL_PLANE_BOTTOM + WORKLOAD_LABEL,
                right - MARGIN,
                needs.workload_height.max(SMALLEST_WORKLOAD),
            ),
            node_band,
            tray: Rect::new(NODES_LEFT + 56.0, node_band + 3.0, right - NODES_LEFT - 56.0, 26.0 + tray_lane),
            traffic: Rect::new(
                MARGIN,
                node_band + NODES_LABEL,
                112.0,
                size.height - BOTTOM - node_band - NODES_LABEL,
            ),
            bus_y: nodes_top - 9.0,
            nodes,
            tile,
        }
    }

    /// The part of a node's tile that holds its pods.
    pub fn pod_area(&self, node: usize) -> Rect {
        let tile = self.nodes[node];
        let (left, right, top, bottom) = match self.tile {
            Tile::Full => (22.0, 6.0, 32.0, 90.0),
            Tile::Short => (22.0, 6.0, 32.0, 44.0),
            Tile::Bare if tile.width < 90.0 => (6.0, 4.0, 18.0, 4.0),
            Tile::Bare => (16.0, 6.0, 26.0, 6.0),
        };
        Rect::new(
            tile.x + left,
            tile.y + top,
            (tile.width - left - right).max(8.0),
            (tile.height - top - bottom).max(8.0),
        )
    }

    /// Where the wire from an acting component enters the API server: components on the right side, nodes from below.
    pub fn api_port(&self) -> Point {
        Point::new(self.api_server.right(), 65.0)
    }
}

/// The scale at which the designed size fits; where only the smallest does, nodes get shorter before text gets smaller.
fn scale_for(space: Size, designed_height: f32, smallest_height: f32) -> f32 {
    let roomy = (space.width / DESIGNED.width).min(space.height / designed_height);
    if roomy >= 1.0 {
        return roomy.min(LARGEST_SCALE);
    }
    (space.width / SMALLEST.width).min(space.height / smallest_height).clamp(0.2, 1.0)
}

fn tiles(area: Rect, nodes: usize) -> Vec<Rect> {
    if nodes == 0 {
        return Vec::new();
    }
    let columns = if nodes <= ONE_ROW { nodes } else { columns_for(area, nodes) };
    let rows = nodes.div_ceil(columns);
    let gap = if nodes > 40 { 3.0 } else { NODE_GAP };
    let width = (area.width - gap * (columns - 1) as f32) / columns as f32;
    let height = (area.height - gap * (rows - 1) as f32) / rows as f32;
    (0..nodes)
        .map(|node| {
            let (column, row) = (node % columns, node / columns);
            Rect::new(
                area.x + column as f32 * (width + gap),
                area.y + row as f32 * (height + gap),
                width,
                height.max(8.0),
            )
        })
        .collect()
}

/// As many columns as make the tiles about a quarter wider than high, like the smallest tile of the design.
fn columns_for(area: Rect, nodes: usize) -> usize {
    let aspect = SMALLEST_TILE.width / SMALLEST_TILE.height * 1.15;
    let columns = (nodes as f32 * area.width / (area.height * aspect)).sqrt().round() as usize;
    columns.clamp(1, nodes)
}

fn tile_kind(tile: Rect) -> Tile {
    if tile.width >= 150.0 && tile.height >= 226.0 {
        return Tile::Full;
    }
    if tile.width >= 150.0 && tile.height >= 120.0 {
        return Tile::Short;
    }
    Tile::Bare
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE_DEPLOYMENT: Needs = Needs { workload_height: 120.0, nodes: 3, tray_open: false };

    #[test]
    fn at_1440_by_900_the_plan_is_the_design() {
        let plan = FloorPlan::new(DESIGNED, ONE_DEPLOYMENT);
        assert_eq!((plan.scale, plan.size), (1.0, DESIGNED));
        assert_eq!((plan.workload_band, plan.node_band), (152.0, 308.0));
        assert_eq!(plan.controller_manager, Rect::new(468.0, 30.0, 252.0, 76.0));
        assert_eq!(plan.nodes[0], Rect::new(140.0, 340.0, 188.0, 280.0));
        assert_eq!(plan.nodes[2], Rect::new(532.0, 340.0, 188.0, 280.0));
        assert_eq!(plan.pod_area(0), Rect::new(162.0, 372.0, 160.0, 158.0));
        assert_eq!((plan.bus_y, plan.traffic.y), (331.0, 340.0));
    }

    #[test]
    fn tiles_lie_inside_the_stage_and_never_overlap() {
        for (width, height) in
            [(736.0, 628.0), (880.0, 528.0), (576.0, 528.0), (1160.0, 808.0), (390.0, 500.0)]
        {
            for nodes in [1, 2, 3, 4, 5, 9, 30, 200, 1_000] {
                let plan = FloorPlan::new(Size::new(width, height), Needs { nodes, ..ONE_DEPLOYMENT });
                let stage = Rect::new(0.0, 0.0, plan.size.width + 0.1, plan.size.height + 0.1);
                for (index, tile) in plan.nodes.iter().enumerate() {
                    assert!(
                        stage.contains(*tile),
                        "{width}x{height}, {nodes} nodes: {tile:?} of {:?}",
                        plan.size
                    );
                    assert!(plan.nodes[..index].iter().all(|other| !other.overlaps(*tile)));
                }
            }
        }
    }

    #[test]
    fn a_lower_window_makes_nodes_shorter_before_it_makes_text_smaller() {
        let plan = FloorPlan::new(Size::new(880.0, 528.0), ONE_DEPLOYMENT);
        assert_eq!(plan.scale, 1.0);
        assert_eq!(plan.tile, Tile::Short);
    }

    #[test]
    fn a_large_window_is_drawn_larger_and_wider() {
        let plan = FloorPlan::new(Size::new(1160.0, 808.0), ONE_DEPLOYMENT);
        assert!(plan.scale > 1.2 && plan.size.width > 850.0, "{} {:?}", plan.scale, plan.size);
    }
}
