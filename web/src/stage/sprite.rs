//! Icons and glyphs: one sheet of inline symbols, drawn with `<use>`.

use yew::prelude::*;

/// The sheet with every symbol and hatch pattern; mounted once at the page's root.
#[component]
pub fn Sprite() -> Html {
    // The markup is our own file, so there is nothing to escape.
    Html::from_html_unchecked(AttrValue::Static(include_str!("sprite.svg")))
}

/// What to draw and how large.
#[derive(Properties, PartialEq)]
pub struct SymbolProps {
    /// The symbol's name without its prefix: `play`, `ready`.
    pub name: AttrValue,
    /// Edge length in pixels.
    #[prop_or(16)]
    pub size: u32,
}

/// A line icon in the text's colour: `<Icon name="play" />`.
#[component]
pub fn Icon(props: &SymbolProps) -> Html {
    let size = props.size.to_string();
    html! {
        <svg class="ic" width={size.clone()} height={size} aria-hidden="true">
            <use href={format!("#i-{}", props.name)} />
        </svg>
    }
}

/// A state glyph: `<Glyph name="ready" size=14 />`.
#[component]
pub fn Glyph(props: &SymbolProps) -> Html {
    let size = props.size.to_string();
    html! {
        <svg class="gl" width={size.clone()} height={size} aria-hidden="true">
            <use href={format!("#g-{}", props.name)} />
        </svg>
    }
}
