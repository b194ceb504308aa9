//! The only binding to JavaScript: static/editor/index.js, which wraps CodeMirror.

use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::Element;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["window", "kubestepPage"], js_name = createEditor, catch)]
    fn create_editor(parent: &Element, options: &JsValue) -> Result<Handle, JsValue>;

    /// An open editor.
    pub(super) type Handle;

    #[wasm_bindgen(method, js_name = setText)]
    pub(super) fn set_text(this: &Handle, text: &str);

    #[wasm_bindgen(method, js_name = setTheme)]
    pub(super) fn set_theme(this: &Handle, dark: bool);

    #[wasm_bindgen(method, js_name = setDiagnostics)]
    fn set_diagnostics_value(this: &Handle, list: JsValue);

    #[wasm_bindgen(method, js_name = setDeciding)]
    fn set_deciding_value(this: &Handle, list: JsValue);

    #[wasm_bindgen(method, js_name = setChanges)]
    fn set_changes_value(this: &Handle, list: JsValue);

    #[wasm_bindgen(method, js_name = revealLine)]
    pub(super) fn reveal_line(this: &Handle, line: usize);

    #[wasm_bindgen(method)]
    pub(super) fn destroy(this: &Handle);
}

/// What an editor calls back, kept alive as long as the editor is.
pub(super) struct Callbacks {
    pub(super) on_change: Closure<dyn Fn(String)>,
    pub(super) on_apply: Closure<dyn Fn()>,
    pub(super) on_leave: Closure<dyn Fn()>,
    /// What may stand at a line and column of a text.
    pub(super) on_complete: Closure<Ask>,
    /// What the field at a line and column of a text is.
    pub(super) on_hover: Closure<Ask>,
}

/// A question about a text, a line and a column; the answer is undefined where there is none.
pub(super) type Ask = dyn Fn(String, usize, usize) -> JsValue;

/// Opens an editor inside `parent`; fails while the editor's file has not arrived yet.
pub(super) fn open(
    parent: &Element,
    text: &str,
    label: &str,
    dark: bool,
    callbacks: &Callbacks,
) -> Result<Handle, JsValue> {
    let options = js_sys::Object::new();
    let set = |name: &str, value: &JsValue| js_sys::Reflect::set(&options, &JsValue::from_str(name), value);
    set("text", &JsValue::from_str(text))?;
    set("label", &JsValue::from_str(label))?;
    set("dark", &JsValue::from_bool(dark))?;
    set("onChange", callbacks.on_change.as_ref())?;
    set("onApply", callbacks.on_apply.as_ref())?;
    set("onLeave", callbacks.on_leave.as_ref())?;
    set("onComplete", callbacks.on_complete.as_ref())?;
    set("onHover", callbacks.on_hover.as_ref())?;
    create_editor(parent, &options)
}

impl Handle {
    pub(super) fn set_diagnostics<T: Serialize>(&self, list: &[T]) {
        self.set_diagnostics_value(to_javascript(list));
    }

    pub(super) fn set_deciding<T: Serialize>(&self, list: &[T]) {
        self.set_deciding_value(to_javascript(list));
    }

    pub(super) fn set_changes<T: Serialize>(&self, list: &[T]) {
        self.set_changes_value(to_javascript(list));
    }
}

/// Plain rows as JavaScript objects.
pub(super) fn to_javascript<T: Serialize + ?Sized>(rows: &T) -> JsValue {
    serde_wasm_bindgen::to_value(rows).expect("rows of numbers and strings always convert")
}
