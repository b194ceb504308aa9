//! Pieces that all pages are made of.

/// A whole page. `root` leads from it to the folder of all pages: `""` or `"../"`.
pub(super) fn page(title: &str, root: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'; font-src 'self'\">\n\
         <title>{title}</title>\n<link rel=\"stylesheet\" href=\"{root}style.css\">\n</head>\n<body>\n{body}</body>\n</html>\n",
        title = text(title),
    )
}

/// Text as it stands in HTML.
pub(super) fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `matches` or `differs`, with a sign that needs no colour.
pub(super) fn verdict(is_match: bool) -> &'static str {
    if is_match {
        "<span class=\"verdict same\">✓ matches</span>"
    } else {
        "<span class=\"verdict other\">✗ differs</span>"
    }
}
