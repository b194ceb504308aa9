//! Pods as cells: one SVG path for each look, however many pods share it.
//!
//! A ready pod of the first revision is a square, of the second a disc, of the third a diamond, of the fourth a
//! triangle; one that starts is the outline of its shape, one that terminates a slash, one that failed a cross.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::figures::{PodFigure, PodState};
use super::geometry::Rect;

/// What cells of one path have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// Ready, of the revision with this look (1 to 4; 0 for a pod without a revision).
    Ready(u32),
    /// Starting or not ready.
    Starting(u32),
    /// On no node yet.
    Waiting,
    /// Leaving.
    Terminating,
    /// Failed, or failing again and again.
    Failed,
    /// Finished.
    Done,
    /// Its node does not answer.
    Unknown,
}

impl Look {
    /// The look of a pod; `revision` is its look from 1 to 4, or 0.
    pub fn of(state: PodState, revision: u32) -> Look {
        match state {
            PodState::Ready => Look::Ready(revision),
            PodState::NotReady | PodState::Creating | PodState::Initializing => Look::Starting(revision),
            PodState::Pending | PodState::Gated => Look::Waiting,
            PodState::Terminating => Look::Terminating,
            PodState::CrashLoop | PodState::ImagePull | PodState::Failed => Look::Failed,
            PodState::Completed => Look::Done,
            PodState::Unknown | PodState::Orphan => Look::Unknown,
        }
    }

    /// The class that draws the path.
    pub fn class(self) -> String {
        match self {
            Look::Ready(revision) => format!("cell-ready rev-{revision}"),
            Look::Starting(revision) => format!("cell-starting rev-{revision}"),
            Look::Waiting => "cell-waiting".into(),
            Look::Terminating => "cell-terminating".into(),
            Look::Failed => "cell-failed".into(),
            Look::Done => "cell-done".into(),
            Look::Unknown => "cell-unknown".into(),
        }
    }
}

/// The path data of all cells, by look. Each pod comes with its look's revision (0 to 4) and its place at this instant.
pub fn paths<'a>(pods: impl Iterator<Item = (&'a PodFigure, u32, Rect)>) -> BTreeMap<Look, String> {
    let mut paths: BTreeMap<Look, String> = BTreeMap::new();
    for (pod, revision, rect) in pods {
        let look = Look::of(pod.state, revision);
        draw(paths.entry(look).or_default(), look, rect);
    }
    paths
}

fn draw(path: &mut String, look: Look, rect: Rect) {
    let Rect { x, y, width: edge, .. } = rect;
    let middle = rect.center();
    let half = edge / 2.0;
    let (right, bottom) = (rect.right(), rect.bottom());
    // Writing into a string cannot fail.
    let _ = match look {
        Look::Ready(2) => write!(
            path,
            "M{x:.1} {:.1}a{half:.1} {half:.1} 0 1 0 {edge:.1} 0a{half:.1} {half:.1} 0 1 0 -{edge:.1} 0z",
            middle.y
        ),
        Look::Ready(3) => write!(
            path,
            "M{:.1} {y:.1}L{right:.1} {:.1}L{:.1} {bottom:.1}L{x:.1} {:.1}z",
            middle.x, middle.y, middle.x, middle.y
        ),
        Look::Ready(4) => write!(path, "M{:.1} {y:.1}L{right:.1} {bottom:.1}H{x:.1}z", middle.x),
        Look::Ready(0) => {
            let small = edge * 0.25;
            write!(path, "M{:.1} {:.1}h{:.1}v{:.1}h-{:.1}z", x + small, y + small, half, half, half)
        }
        Look::Ready(_) => write!(path, "M{x:.1} {y:.1}h{edge:.1}v{edge:.1}h-{edge:.1}z"),
        Look::Starting(_) | Look::Waiting | Look::Done => {
            let inner = half * 0.8;
            let width = inner * 2.0;
            write!(
                path,
                "M{:.1} {:.1}a{inner:.1} {inner:.1} 0 1 0 {width:.1} 0a{inner:.1} {inner:.1} 0 1 0 -{width:.1} 0z",
                middle.x - inner,
                middle.y
            )
        }
        Look::Terminating => write!(path, "M{x:.1} {bottom:.1}L{right:.1} {y:.1}"),
        Look::Failed => {
            write!(path, "M{x:.1} {y:.1}L{right:.1} {bottom:.1}M{right:.1} {y:.1}L{x:.1} {bottom:.1}")
        }
        Look::Unknown => write!(
            path,
            "M{:.1} {y:.1}L{right:.1} {:.1}L{:.1} {bottom:.1}L{x:.1} {:.1}z",
            middle.x, middle.y, middle.x, middle.y
        ),
    };
}
