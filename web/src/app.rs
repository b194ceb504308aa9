//! The page: takes messages, changes the model, does in the browser what the model asks for, lays the panels out.

mod column;
mod effects;
mod keys;
mod parking;
mod wide;

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use kubestep_core::api::Key;
use kubestep_core::engine::{StepId, Timeline};
use kubestep_core::story::Subject;
use yew::prelude::*;

use self::effects::Effects;
use self::parking::Parking;
use crate::breakpoints::Breakpoint;
use crate::browser;
use crate::derived;
use crate::editor::{ChangedLine, DecidingLine, LineNote};
use crate::model::directory::{self, DirectoryView};
use crate::model::effect::{Effect, Purpose};
use crate::model::foresee::{self, Foreseen};
use crate::model::frame::{Frame, FrameMessage, Kept, Overlay, Room, StageView, Theme};
use crate::model::message::{Go, Message, PlaybackMessage, Stride};
use crate::model::opening::{self, Opened};
use crate::model::rail::{self, RailMessage, Told};
use crate::model::run::{Ahead, world_at};
use crate::model::session::Session;
use crate::model::{Model, update};
use crate::panels::dialogs::branches::{BranchRow, Branches};
use crate::panels::dialogs::breakpoints::Breakpoints;
use crate::panels::dialogs::go_to::GoTo;
use crate::panels::dialogs::lessons::Lessons;
use crate::panels::dialogs::review::Review;
use crate::panels::dialogs::shortcuts::Shortcuts;
use crate::panels::dialogs::{Dialog, Popover};
use crate::panels::header::ThemeButton;
use crate::panels::menu::ActionMenu;
use crate::panels::narration::{Announcer, announcement};
use crate::panels::rail::Stations;
use crate::panels::terminal::{TerminalLine, completion};
use crate::panels::timeline::{StepSize, TimelineEvent};
use crate::persistence;
use crate::scene::close_up::lives::Lives;
use crate::scene::close_up::{self, CloseUp};
use crate::scene::network::lanes::{self, RequestLanes};
use crate::share;
use crate::shared::Shared;
use crate::stage::{Legend, Sprite, StageEvent};

/// How soon a page that waits for its second part looks for it again.
const LOOK_AGAIN_MS: u32 = 30;

/// Puts the page into the document.
pub fn mount() {
    yew::set_custom_panic_hook(Box::new(|panic| browser::report_panic(&panic.to_string())));
    let root = browser::document().get_element_by_id("app").expect("the page has a place for the program");
    yew::Renderer::<App>::with_root(root).render();
}

/// The page.
pub struct App {
    model: Model,
    derived: Derived,
    effects: Effects,
    parking: Parking,
    announcement: AttrValue,
    /// The session as it is now, for the moment in which the page goes away: there is no time for messages then.
    session: Rc<RefCell<Session>>,
    /// The history and place in view, for those who are asked about it outside of rendering.
    shown: Shown,
    /// What Tab can put at the end of a kubectl line.
    complete: Callback<String, Vec<String>>,
    _listeners: [EventListener; 3],
}

/// The history and place in view.
type Shown = Rc<RefCell<(Shared<Timeline>, Option<StepId>)>>;

/// What the panels show that follows from the model.
#[derive(Clone, PartialEq)]
pub(crate) struct Derived {
    lines: Rc<[TerminalLine]>,
    notes: Rc<[LineNote]>,
    changed: Rc<[ChangedLine]>,
    cluster_notes: Rc<[LineNote]>,
    cluster_changed: Rc<[ChangedLine]>,
    deciding: Rc<[DecidingLine]>,
    /// Where each breakpoint is hit, in the order they are set.
    hits: Rc<[Vec<StepId>]>,
    /// What is looked at station by station.
    rail: Option<Rc<Told>>,
    /// What Apply would do, while somebody looks at it.
    foreseen: Option<Rc<Foreseen>>,
    /// The manifest directories.
    directories: Rc<DirectoryView>,
    /// The nodes that are looked at closely.
    close_up: Option<Rc<CloseUp>>,
    /// The life of the static pod in focus.
    lives: Option<Rc<Lives>>,
    /// In the network's view: the Service in focus, and what is sent to its pods.
    requests: Option<(Key, Rc<RequestLanes>)>,
    /// The rails that are offered.
    offered: Rc<[Subject]>,
}

impl Derived {
    fn of(model: &Model) -> Self {
        let store = model.run.world().store;
        Self {
            lines: derived::transcript(&model.run),
            notes: derived::notes(&model.document),
            changed: derived::changed(&model.document),
            cluster_notes: derived::notes(&model.cluster),
            cluster_changed: derived::changed(&model.cluster),
            deciding: derived::deciding(&model.document, model.run.step().map(Rc::as_ref), &store),
            hits: hits(model),
            foreseen: None,
            directories: Rc::new(directory::view(model)),
            close_up: close_up(model),
            lives: lives(model),
            requests: None,
            rail: model.rail.and_then(|rail| rail::tell(&model.run, rail)),
            offered: rail::offered(model),
        }
    }

    /// Derives again what changed from `before` to `after`.
    fn follow(&mut self, before: &Model, after: &Model) {
        let is_moved = before.run.cursor != after.run.cursor || before.run.acts != after.run.acts;
        if is_moved || before.run.misheard != after.run.misheard {
            self.lines = derived::transcript(&after.run);
        }
        // Looking through a run that is still being computed would cost more than it tells.
        let is_computed = after.run.ahead != Ahead::Computing && before.run.timeline != after.run.timeline;
        if is_computed || before.playback.breakpoints != after.playback.breakpoints {
            self.hits = hits(after);
        }
        let is_other_run = before.run.timeline != after.run.timeline
            || before.run.branches.len() != after.run.branches.len();
        if before.rail != after.rail || is_other_run {
            self.rail = after.rail.and_then(|rail| rail::tell(&after.run, rail));
        }
        self.foreseen = foresee::follow(before, after, self.foreseen.as_ref());
        if is_moved || before.selected != after.selected {
            self.offered = rail::offered(after);
        }
        let is_looked_elsewhere =
            before.directories != after.directories || before.close_up != after.close_up;
        if is_moved || is_looked_elsewhere || before.file != after.file {
            self.directories = Rc::new(directory::view(after));
            self.close_up = close_up(after);
        }
        if is_computed || is_looked_elsewhere {
            self.lives = lives(after);
        }
        self.follow_requests(before, after, is_moved);
        if before.cluster != after.cluster {
            self.cluster_notes = derived::notes(&after.cluster);
            self.cluster_changed = derived::changed(&after.cluster);
        }
        if before.document != after.document {
            self.notes = derived::notes(&after.document);
            self.changed = derived::changed(&after.document);
        }
        if is_moved || before.document.draft != after.document.draft {
            let store = after.run.world().store;
            self.deciding = derived::deciding(&after.document, after.run.step().map(Rc::as_ref), &store);
        }
    }
}

fn close_up(model: &Model) -> Option<Rc<CloseUp>> {
    let focus = model.focus()?;
    let run = &model.run;
    Some(Rc::new(close_up::read(&run.timeline, &run.world(), run.cursor, &focus)))
}

fn lives(model: &Model) -> Option<Rc<Lives>> {
    let focus = model.focus()?;
    close_up::lives::of(&model.run.timeline, &focus.file?).map(Rc::new)
}

impl Derived {
    /// The lanes of requests are read when the Service in focus changes, or the history has come to rest.
    fn follow_requests(&mut self, before: &Model, after: &Model, is_moved: bool) {
        if after.frame.view != StageView::Network {
            self.requests = None;
            return;
        }
        let timeline = &after.run.timeline;
        let is_shown = before.frame.view == StageView::Network;
        let is_other = before.run.timeline != *timeline || before.run.ahead != after.run.ahead;
        if is_shown && !is_moved && !is_other && before.selected == after.selected {
            return;
        }
        let focus = lanes::focus(timeline, after.run.cursor, after.selected.as_ref());
        let is_known = self.requests.as_ref().map(|(key, _)| key) == focus.as_ref();
        if is_shown && is_known && (!is_other || after.run.ahead == Ahead::Computing) {
            return;
        }
        self.requests = focus.map(|key| {
            let lanes = Rc::new(lanes::of(timeline, &key));
            (key, lanes)
        });
    }
}

fn hits(model: &Model) -> Rc<[Vec<StepId>]> {
    model.playback.breakpoints.iter().map(|(_, breakpoint)| breakpoint.hits(&model.run.chart)).collect()
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let kept: Kept = persistence::value(persistence::FRAME).unwrap_or_default();
        let theme = Theme::named(&browser::theme());
        let frame = Frame::new(browser::width(), theme, browser::prefers_reduced_motion(), kept);
        let has_panicked = persistence::take(persistence::PANICKED).is_some();
        let opened = match share::decode(&browser::take_fragment()) {
            _ if has_panicked => Opened::AfterFault,
            Some(Ok(session)) => Opened::Link(session),
            Some(Err(words)) => Opened::BrokenLink(words),
            None => Opened::Again(persistence::value(persistence::SESSION)),
        };
        let (mut model, first) = opening::first(frame, persistence::text(persistence::DRAFT), opened);
        model.directories = persistence::value(persistence::DIRECTORIES).unwrap_or_default();
        let typed: Vec<String> = persistence::value(persistence::TYPED).unwrap_or_default();
        model.typed = typed.into_iter().map(AttrValue::from).collect();
        let mut effects = Effects::new(ctx.link().callback(|message| message));
        effects.run(first);
        let derived = Derived::of(&model);
        let session = Rc::new(RefCell::new(model.session()));
        let listeners = listeners(ctx, session.clone());
        let shown: Shown = Rc::new(RefCell::new((model.run.timeline.clone(), model.run.cursor)));
        let complete = completing(shown.clone());
        Self {
            model,
            derived,
            effects,
            parking: Parking::default(),
            announcement: AttrValue::default(),
            session,
            shown,
            complete,
            _listeners: listeners,
        }
    }

    fn update(&mut self, _: &Context<Self>, message: Message) -> bool {
        if matches!(message, Message::Playback(PlaybackMessage::Tick(_))) && !browser::plays() {
            // What moves is in the program's second part. The first picture does not freeze for it: it waits.
            let again = Effect::Later { purpose: Purpose::Play, milliseconds: LOOK_AGAIN_MS, message };
            self.effects.run(vec![again]);
            return false;
        }
        let (model, effects) = update::update(self.model.clone(), message);
        self.effects.run(effects);
        *self.shown.borrow_mut() = (model.run.timeline.clone(), model.run.cursor);
        self.derived.follow(&self.model, &model);
        self.parking.take_over(&self.model, &model);
        self.announce(&model);
        if self.model.run.cursor != model.run.cursor || self.model.run.acts != model.run.acts {
            *self.session.borrow_mut() = model.session();
        }
        self.model = model;
        true
    }

    fn rendered(&mut self, _: &Context<Self>, first_render: bool) {
        if first_render {
            browser::mark("first-picture");
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let on = ctx.link().callback(|message: Message| message);
        let shell = if self.model.frame.room == Room::Column { self.column(&on) } else { self.wide(&on) };
        html! {
            <>
                <Sprite />
                { shell }
                { self.overlay(&on) }
                if let Some(menu) = &self.model.menu { <ActionMenu menu={menu.clone()} on={on.clone()} /> }
                if self.model.frame.room == Room::Column && self.derived.rail.is_some() {
                    <Dialog title="Stations" class="dlg-rail" bare=true
                        on_close={on.reform(|()| Message::Rail(RailMessage::Close))}>{ self.rail(&on) }</Dialog>
                }
                if let Some((words, _)) = &self.model.notice { <div class="toast" role="status">{ &**words }</div> }
                <Announcer text={self.announcement.clone()} />
            </>
        }
    }
}

impl App {
    /// Stepping announces every step; playing announces what is waited for, when that changes.
    fn announce(&mut self, model: &Model) {
        if model.run.cursor == self.model.run.cursor {
            return;
        }
        let Some(step) = model.run.step() else { return };
        if !model.playback.is_playing {
            self.announcement = announcement(step, model.run.timeline.len()).into();
            return;
        }
        let span = |model: &Model| model.run.cursor.and_then(|step| model.run.chart.span_at(step).cloned());
        let now = span(model);
        if now != span(&self.model)
            && let Some(span) = now
        {
            self.announcement = format!("{}: {}", span.label, span.waits_for).into();
        }
    }

    fn overlay(&self, on: &Callback<Message>) -> Html {
        let model = &self.model;
        let close = on.reform(|()| Message::Frame(FrameMessage::CloseOverlay));
        let Some(overlay) = model.frame.overlay else { return Html::default() };
        match overlay {
            Overlay::GoTo => {
                html! { <GoTo destinations={derived::destinations(&model.run)} on={on.clone()}
                on_close={close} /> }
            }
            Overlay::Shortcuts => {
                let on_single_keys = on.reform(|is_on| Message::Frame(FrameMessage::SingleKeys(is_on)));
                html! { <Shortcuts single_keys={model.frame.kept.single_keys} {on_single_keys}
                on_close={close} /> }
            }
            Overlay::Legend => html! {
                <Dialog title="Legend" class="dlg-wide" on_close={close}>
                    <div class="dlg-b" tabindex="0" role="group" aria-label="What the marks mean">
                        <Legend />
                    </div>
                </Dialog>
            },
            Overlay::Lessons => html! { <Lessons open={model.lesson} on={on.clone()} on_close={close} /> },
            Overlay::Review => {
                let foreseen = self.derived.foreseen.clone().unwrap_or_default();
                html! { <Review {foreseen} on_apply={on.reform(|()| Message::Apply)} on_close={close} /> }
            }
            Overlay::Breakpoints => html! {
                <Popover on_close={close}>
                    <Breakpoints set={model.playback.breakpoints.to_vec()}
                        actor={model.run.step().map(|step| step.actor.clone())} on={on.clone()} />
                </Popover>
            },
            Overlay::Branches => {
                let branches: Rc<[BranchRow]> = model
                    .run
                    .branches
                    .iter()
                    .map(|branch| BranchRow {
                        replaced_by: AttrValue::from(branch.replaced_by.to_string()),
                        left_at: branch.cursor.map_or(0, |step| step.0 as usize + 1),
                        length: branch.timeline.len(),
                    })
                    .collect();
                html! { <Popover on_close={close}><Branches {branches} on={on.clone()} /></Popover> }
            }
            Overlay::Menu => html! { <Popover on_close={close}>{ self.menu(on) }</Popover> },
        }
    }

    /// The one-column page's menu.
    fn menu(&self, on: &Callback<Message>) -> Html {
        let item = |message: Message, label: &'static str| {
            let onclick = on.reform(move |_: MouseEvent| message.clone());
            html! { <button class="item" type="button" {onclick}>{ label }</button> }
        };
        let over = |overlay| Message::Frame(FrameMessage::Over(overlay));
        html! {
            <div class="pop m-menu" role="dialog" aria-label="Menu">
                { item(over(Overlay::Lessons), "Lessons") }
                { item(over(Overlay::GoTo), "Go to step or object") }
                { item(over(Overlay::Breakpoints), "Breakpoints") }
                if !self.model.run.branches.is_empty() { { item(over(Overlay::Branches), "Replaced futures") } }
                { item(over(Overlay::Legend), "Legend") }
                { item(Message::Reset, "Start this scenario over") }
                { item(Message::New, "New: empty cluster") }
                <span class="item">{ "Theme" }<span class="grow"></span><ThemeButton theme={self.model.frame.theme} on={on.clone()} /></span>
            </div>
        }
    }

    /// The stations of what is looked at.
    fn rail(&self, on: &Callback<Message>) -> Html {
        let Some(told) = &self.derived.rail else { return Html::default() };
        html! { <Stations told={told.clone()} cursor={self.model.run.cursor} on={on.clone()} /> }
    }

    /// What happened on the stage, as messages.
    fn on_stage(on: &Callback<Message>) -> Callback<StageEvent> {
        let on = on.clone();
        Callback::from(move |event| match event {
            StageEvent::Select(object) => on.emit(Message::Select(Some(object))),
            StageEvent::Why(object) => on.emit(Message::Why(object)),
            StageEvent::Line(line) => on.emit(Message::Kubectl(line)),
            StageEvent::Menu(figure, at) => on.emit(Message::OpenMenu(figure, at)),
            StageEvent::Follow(client) => on.emit(Message::Follow(client)),
            StageEvent::Step(step) => on.emit(Message::Go(Go::To(step))),
            StageEvent::Show(view) => on.emit(Message::Frame(FrameMessage::Show(view))),
            StageEvent::Legend => on.emit(Message::Frame(FrameMessage::Over(Overlay::Legend))),
            StageEvent::Settled { .. } => {}
        })
    }

    /// What happened on the timeline, as messages.
    fn on_timeline(&self, on: &Callback<Message>) -> Callback<TimelineEvent> {
        let on = on.clone();
        let stride = self.model.playback.stride;
        let play = Message::Playback;
        Callback::from(move |event| {
            on.emit(match event {
                TimelineEvent::ToStart => Message::Go(Go::Start),
                TimelineEvent::ToEnd => Message::Go(Go::End),
                TimelineEvent::Back => Message::Go(Go::Back(stride)),
                TimelineEvent::Forward => Message::Go(Go::Forward(stride)),
                TimelineEvent::GoTo(step) => Message::Go(Go::To(step)),
                TimelineEvent::Scrub(step) => Message::Go(Go::Scrub(step)),
                TimelineEvent::PlayPause => play(PlaybackMessage::Toggle),
                TimelineEvent::Speed(speed) => play(PlaybackMessage::Speed(speed)),
                TimelineEvent::Axis(axis) => play(PlaybackMessage::Axis(axis)),
                TimelineEvent::StepSize(size) => play(PlaybackMessage::Stride(stride_of(size))),
                TimelineEvent::AddBreakpoint => Message::Frame(FrameMessage::Over(Overlay::Breakpoints)),
                TimelineEvent::RemoveBreakpoint(number) => play(PlaybackMessage::RemoveBreakpoint(number)),
                TimelineEvent::ToDeadline => Message::Seek(Breakpoint::DeadlineExceeded),
                TimelineEvent::OpenBranches => Message::Frame(FrameMessage::Over(Overlay::Branches)),
            });
        })
    }
}

/// The stride as the transport names it.
pub(crate) const fn step_size(stride: Stride) -> StepSize {
    match stride {
        Stride::Into => StepSize::Into,
        Stride::Over => StepSize::Over,
        Stride::Out => StepSize::Out,
    }
}

const fn stride_of(size: StepSize) -> Stride {
    match size {
        StepSize::Into => Stride::Into,
        StepSize::Over => Stride::Over,
        StepSize::Out => Stride::Out,
    }
}

/// Completes kubectl lines by what there is at the step in view.
fn completing(shown: Shown) -> Callback<String, Vec<String>> {
    Callback::from(move |line: String| {
        let (timeline, cursor) = &*shown.borrow();
        completion::words(&line, &world_at(timeline, *cursor).store)
    })
}

/// Keys, the window's size, and the moment before the page goes away.
fn listeners(ctx: &Context<App>, session: Rc<RefCell<Session>>) -> [EventListener; 3] {
    let window = browser::window();
    let resized = ctx.link().callback(|()| Message::Frame(FrameMessage::Resized(browser::width())));
    [
        keys::listen(&window, ctx.link().callback(|message| message)),
        EventListener::new(&window, "resize", move |_| resized.emit(())),
        EventListener::new(&window, "pagehide", move |_| {
            persistence::keep(persistence::SESSION, &*session.borrow())
        }),
    ]
}
