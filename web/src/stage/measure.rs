//! Tells when an element gets another size.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::NodeRef;

/// An element whose size is watched until this is dropped.
pub struct Measured {
    element: Element,
    observer: ResizeObserver,
    // The browser holds only a reference to it.
    _callback: Closure<dyn FnMut()>,
}

impl Measured {
    /// Watches an element; `None` where the browser cannot.
    fn new(element: Element, on_resize: impl FnMut() + 'static) -> Option<Measured> {
        let callback = Closure::<dyn FnMut()>::new(on_resize);
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        observer.observe(&element);
        Some(Measured { element, observer, _callback: callback })
    }

    /// Watches the element that is mounted now, unless `known` is watching it already.
    pub fn keep(known: &mut Option<Measured>, mounted: &NodeRef, on_resize: impl FnMut() + 'static) {
        if let Some(element) = mounted.cast::<Element>()
            && !known.as_ref().is_some_and(|known| known.element == element)
        {
            *known = Measured::new(element, on_resize);
        }
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
