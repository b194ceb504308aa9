//! The page from 760 px on: panels around the stage.

use std::rc::Rc;

use kubestep_core::engine::StepId;
use kubestep_core::narration;
use kubestep_core::story::Subject;
use yew::prelude::*;

use super::{App, keys, step_size};
use crate::lessons;
use crate::model::frame::{FrameMessage, Panel, Room, StageView};
use crate::model::message::Message;
use crate::model::run::Ahead;
use crate::panels::edge::{Edge, Side};
use crate::panels::header::Header;
use crate::panels::inspector::Inspector;
use crate::panels::left::{ClusterFile, Left, Manifests, Rail};
use crate::panels::narration::SayStrip;
use crate::panels::timeline::{BreakpointTag, TimelinePanel};
use crate::scene::chart::Span;
use crate::stage::Stage;
use crate::stage::close_up::CloseUpStage;
use crate::stage::network::NetworkStage;

impl App {
    /// Panels around the stage.
    pub(super) fn wide(&self, on: &Callback<Message>) -> Html {
        let frame = &self.model.frame;
        keys::set_single_keys(frame.kept.single_keys);
        let lies_over = frame.room != Room::Wide;
        let class = classes!(
            "app",
            (!frame.is_left_open).then_some("left-closed"),
            (!frame.is_right_open).then_some("right-closed"),
            frame.is_projecting.then_some("projector"),
            (!frame.is_timeline_open).then_some("tl-closed"),
            (lies_over && frame.is_right_open).then_some("right-over"),
            (frame.room == Room::Narrow && frame.is_left_open).then_some("left-over"),
            self.derived.rail.is_some().then_some("with-phases"),
            self.derived.rail.as_ref().is_some_and(|told| told.other.is_some()).then_some("with-both"),
        );
        html! {
            <div {class}>
                <a class="skip" href="#transport">{ "Skip to the transport" }</a>
                { self.header(on) }
                if frame.is_left_open { { self.left(on) } } else {
                    <Rail has_changes={self.model.document.changes.total() > 0} on={on.clone()} />
                }
                { self.stage(on) }
                { self.rail(on) }
                if !frame.is_right_open { { self.say_strip(on) } }
                if frame.is_right_open { { self.inspector(on) } }
                { self.timeline(on) }
            </div>
        }
    }

    fn header(&self, on: &Callback<Message>) -> Html {
        let model = &self.model;
        let lesson = model.lesson.map(|place| &lessons::ALL[place]);
        html! {
            <Header topic={lesson.map_or("Own", |lesson| lesson.topic)}
                title={lesson.map_or("Your manifests", |lesson| lesson.title)}
                seed={model.run.timeline.genesis().simulation.seed} theme={model.frame.theme}
                is_projecting={model.frame.is_projecting} on={on.clone()} />
        }
    }

    /// The editor half of the left panel.
    pub(super) fn manifests(&self, on: &Callback<Message>) -> Html {
        let model = &self.model;
        let scenario = model.lesson.map_or("Your manifests", |place| lessons::ALL[place].title);
        html! {
            <Manifests draft={AttrValue::from(model.document.draft.clone())}
                dark={model.frame.theme == crate::model::frame::Theme::Dark}
                notes={self.derived.notes.clone()} deciding={self.derived.deciding.clone()}
                changed={self.derived.changed.clone()}
                changes={(*model.document.changes).clone()} file={model.file} cluster={self.cluster_file()}
                directories={self.derived.directories.clone()}
                reveal={model.reveal} {scenario}
                can_close={model.frame.room != Room::Column} can_undo={!model.run.acts.is_empty()} on={on.clone()} />
        }
    }

    fn cluster_file(&self) -> ClusterFile {
        let cluster = &self.model.cluster;
        ClusterFile {
            draft: AttrValue::from(cluster.draft.clone()),
            notes: self.derived.cluster_notes.clone(),
            changed: self.derived.cluster_changed.clone(),
            changes: (*cluster.changes).clone(),
        }
    }

    fn left(&self, on: &Callback<Message>) -> Html {
        let model = &self.model;
        html! {
            <Left manifests={self.manifests(on)} lines={self.derived.lines.clone()}
                history={model.typed.clone()}
                suggestion={self.suggestion()} complete={self.complete.clone()} is_terminal_tall={model.frame.is_terminal_tall} on={on.clone()}>
                if model.frame.room != Room::Narrow {
                    <Edge side={Side::Left} size={model.frame.kept.left}
                        on_size={on.reform(|width| Message::Frame(FrameMessage::LeftWidth(width)))} />
                }
            </Left>
        }
    }

    /// Something to type next.
    pub(super) fn suggestion(&self) -> AttrValue {
        let lesson = &lessons::ALL[self.model.lesson.unwrap_or(0)];
        match self.model.lesson {
            Some(_) => lessons::with_pod(lesson.suggestion, &self.model.run.world()).into(),
            None => "kubectl apply -f manifests.yaml".into(),
        }
    }

    /// The stage, told where the viewer is and how they came there.
    pub(super) fn stage(&self, on: &Callback<Message>) -> Html {
        let model = &self.model;
        if let Some(close_up) = &self.derived.close_up {
            let step = model.run.cursor.map_or(0, |step| step.0 + 1);
            return html! { <CloseUpStage close_up={close_up.clone()} {step} on={on.clone()} /> };
        }
        if model.frame.view == StageView::Network {
            return html! {
                <NetworkStage timeline={model.run.timeline.clone()} transition={model.run.transition}
                    selected={model.selected.clone()} reduced_motion={model.frame.reduced_motion}
                    narrow={model.frame.room == Room::Column} on_event={Self::on_stage(on)} />
            };
        }
        html! {
            <Stage timeline={model.run.timeline.clone()} chart={model.run.chart.clone()}
                transition={model.run.transition}
                selected={model.selected.clone()} reduced_motion={model.frame.reduced_motion}
                narrow={model.frame.room == Room::Column}
                on_event={Self::on_stage(on)} />
        }
    }

    fn say_strip(&self, on: &Callback<Message>) -> Html {
        let step = self.model.run.step();
        let text = step.map_or_else(
            || "Before the first step. Press Space to play, Right to step.".into(),
            |step| narration::headline(step),
        );
        html! {
            <SayStrip number={step.map(|step| step.id.0 + 1)} actor={step.map(|step| step.actor.clone())} {text}
                on_why={on.reform(|()| Message::Frame(FrameMessage::Toggle(Panel::Right)))} />
        }
    }

    fn inspector(&self, on: &Callback<Message>) -> Html {
        let model = &self.model;
        html! {
            <Inspector timeline={model.run.timeline.clone()} cursor={model.run.cursor}
                selected={model.selected.clone()} tab={model.tab} offered={self.offered()}
                can_close=true on={on.clone()}>
                if model.frame.room == Room::Wide {
                    <Edge side={Side::Right} size={model.frame.kept.right.unwrap_or(304.0)}
                        on_size={on.reform(|width| Message::Frame(FrameMessage::RightWidth(width)))} />
                }
            </Inspector>
        }
    }

    /// Where the viewer is on the rail that is looked at.
    fn station(&self) -> Option<(AttrValue, AttrValue)> {
        let told = self.derived.rail.as_ref()?;
        let place = told.story.place_at(self.model.run.cursor?)?;
        let words = format!("Station {} of {}", place + 1, told.lines.len());
        Some((words.into(), told.lines[place].title.to_string().into()))
    }

    /// The spans of what is looked at, in place of the usual ones.
    fn stations(&self) -> Option<Rc<[Span]>> {
        let of_rail = || self.derived.rail.as_ref().and_then(|told| told.spans.clone());
        self.derived.lives.as_ref().map(|lives| lives.spans.clone()).or_else(of_rail)
    }

    /// The rails that the step in view belongs to, without the one that is looked at already.
    pub(super) fn offered(&self) -> Rc<[Subject]> {
        let looked_at = self.model.rail.map(|rail| rail.subject);
        self.derived.offered.iter().copied().filter(|subject| Some(*subject) != looked_at).collect()
    }

    /// The transport and the lanes.
    pub(super) fn timeline(&self, on: &Callback<Message>) -> Html {
        let model = &self.model;
        let frame = &model.frame;
        let next = |hits: &[StepId]| hits.iter().copied().find(|hit| Some(*hit) > model.run.cursor);
        let set = model.playback.breakpoints.iter().zip(self.derived.hits.iter());
        let tags = set.map(|((number, breakpoint), hits)| BreakpointTag {
            id: *number,
            label: AttrValue::from(breakpoint.label()),
            at: next(hits),
        });
        html! {
            <TimelinePanel timeline={model.run.timeline.clone()} chart={model.run.chart.clone()}
                lives={self.derived.lives.clone()}
                transition={model.run.transition} is_busy={model.run.ahead == Ahead::Computing}
                requests={self.derived.requests.as_ref().map(|(_, lanes)| lanes.clone())}
                station={self.station()} stations={self.stations()}
                other={self.derived.rail.as_ref().and_then(|told| told.other.clone())}
                repeats={model.run.repeats.as_ref().map(|repeats| AttrValue::from(repeats.words()))}
                playing={model.playback.is_playing} speed={model.playback.speed} axis={model.playback.axis}
                breakpoints={tags.collect::<std::rc::Rc<[BreakpointTag]>>()} branches={model.run.branches.len()}
                step_size={step_size(model.playback.stride)}
                reduced_motion={model.frame.reduced_motion} narrow={model.frame.room == Room::Column}
                on_event={self.on_timeline(on)}>
                if frame.is_timeline_open && frame.room != Room::Column {
                    <Edge side={Side::Bottom} size={frame.kept.timeline}
                        on_size={on.reform(|height| Message::Frame(FrameMessage::TimelineHeight(height)))} />
                }
            </TimelinePanel>
        }
    }
}
