//! The page's one animation clock: it asks for frames only while something moves.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Called on each frame with the milliseconds since the clock was started; answers whether it wants another.
type OnFrame = Box<dyn FnMut(f32) -> bool>;

/// A running animation; it stops when this is dropped.
pub struct Animation {
    alive: Rc<Cell<bool>>,
}

impl Drop for Animation {
    fn drop(&mut self) {
        self.alive.set(false);
    }
}

struct Task {
    alive: Rc<Cell<bool>>,
    started: Option<f64>,
    on_frame: OnFrame,
}

/// What the browser calls on each frame, with its own time in milliseconds.
type FrameCallback = Closure<dyn FnMut(f64)>;

struct Clock {
    tasks: RefCell<Vec<Task>>,
    callback: RefCell<Option<FrameCallback>>,
    requested: Cell<bool>,
}

thread_local! {
    static CLOCK: Rc<Clock> = Rc::new(Clock {
        tasks: RefCell::default(),
        callback: RefCell::default(),
        requested: Cell::new(false),
    });
}

/// Calls `on_frame` on every frame until it answers `false` or the animation is dropped.
pub fn animate(on_frame: impl FnMut(f32) -> bool + 'static) -> Animation {
    let alive = Rc::new(Cell::new(true));
    CLOCK.with(|clock| {
        clock.tasks.borrow_mut().push(Task {
            alive: Rc::clone(&alive),
            started: None,
            on_frame: Box::new(on_frame),
        });
        clock.request();
    });
    Animation { alive }
}

impl Clock {
    fn request(self: &Rc<Self>) {
        if self.requested.replace(true) {
            return;
        }
        if self.callback.borrow().is_none() {
            let clock = Rc::clone(self);
            *self.callback.borrow_mut() = Some(Closure::new(move |now: f64| clock.frame(now)));
        }
        let callback = self.callback.borrow();
        let asked = callback.as_ref().and_then(|callback| {
            web_sys::window()?.request_animation_frame(callback.as_ref().unchecked_ref()).ok()
        });
        // Without a window there are no frames: nothing moves, and everything is shown at rest.
        self.requested.set(asked.is_some());
    }

    fn frame(self: &Rc<Self>, now: f64) {
        self.requested.set(false);
        // Taken out while they run, since a task may start another.
        let mut tasks = self.tasks.take();
        tasks.retain_mut(|task| {
            if !task.alive.get() {
                return false;
            }
            let started = *task.started.get_or_insert(now);
            (task.on_frame)((now - started) as f32)
        });
        let mut added = self.tasks.borrow_mut();
        tasks.append(&mut added);
        *added = tasks;
        let more = !added.is_empty();
        drop(added);
        if more {
            self.request();
        }
    }
}
