//! Tells when an element gets another size.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

/// An element whose size is watched until this is dropped.
pub struct Measured {
    element: Element,
    observer: ResizeObserver,
    // The browser holds only a reference to it.
    _callback: Closure<dyn FnMut()>,
}

impl Measured {
    /// Watches an element; `None` where the browser cannot.
    pub fn new(element: Element, on_resize: impl FnMut() + 'static) -> Option<Measured> {
        let callback = Closure::<dyn FnMut()>::new(on_resize);
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        observer.observe(&element);
        Some(Measured { element, observer, _callback: callback })
    }

    /// Whether it is this element that is watched.
    pub fn is_of(&self, element: &Element) -> bool {
        self.element == *element
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
