//! Which file answers a path, and what is said about it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::failure::{Outcome, While};

/// A folder and the path it is served below.
pub(super) struct Site {
    folder: PathBuf,
    base: String,
}

/// What answers a path.
pub(super) enum Found {
    File(File),
    /// The folder's address without its slash was asked for.
    Elsewhere(String),
    Nothing,
}

/// A file that can be sent.
pub(super) struct File {
    path: PathBuf,
    /// Changes when the file does.
    pub(super) tag: String,
}

impl Site {
    /// `base` is brought into the form `/a/b/`.
    pub(super) fn new(folder: PathBuf, base: &str) -> Outcome<Site> {
        let folder = folder.canonicalize().while_doing(format!("serve {}", folder.display()))?;
        let inner = base.trim_matches('/');
        let base = if inner.is_empty() { "/".to_owned() } else { format!("/{inner}/") };
        Ok(Site { folder, base })
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// The file for a decoded request path; `/` is `index.html`.
    pub(super) fn find(&self, path: &str) -> Found {
        if path.len() + 1 == self.base.len() && self.base.starts_with(path) {
            return Found::Elsewhere(self.base.clone());
        }
        let Some(inner) = path.strip_prefix(&self.base) else { return Found::Nothing };
        if inner.split('/').any(is_forbidden) {
            return Found::Nothing;
        }
        let name = if inner.is_empty() { "index.html" } else { inner };
        // Links inside of the folder may point out of it, hence the look at the real path.
        let Ok(path) = self.folder.join(name).canonicalize() else { return Found::Nothing };
        if !path.starts_with(&self.folder) {
            return Found::Nothing;
        }
        match fs::metadata(&path) {
            Ok(about) if about.is_file() => Found::File(File { tag: tag(&about), path }),
            _ => Found::Nothing,
        }
    }

    /// The policy that the page states in its `<meta>` tag, so that the header says the same.
    fn content_security_policy(&self) -> Option<String> {
        let page = fs::read_to_string(self.folder.join("index.html")).ok()?;
        content_security_policy(&page)
    }
}

impl File {
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.path)
    }

    pub(super) fn headers(&self, site: &Site) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("Content-Type", media_type(&self.path).to_owned()),
            ("ETag", self.tag.clone()),
            ("Cache-Control", cache_control(&self.path).to_owned()),
        ];
        if self.path.extension().is_some_and(|extension| extension == "html")
            && let Some(policy) = site.content_security_policy()
        {
            headers.push(("Content-Security-Policy", policy));
        }
        headers
    }
}

/// No way up, no hidden file, no other separator or drive, no name that ends a C string.
fn is_forbidden(segment: &str) -> bool {
    segment.starts_with('.') || segment.contains(['\\', ':', '\0'])
}

fn tag(about: &fs::Metadata) -> String {
    let written =
        about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("\"{:x}-{:x}\"", about.len(), written.as_nanos())
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "yaml" | "yml" => "application/yaml",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A name that carries the hash of its content (`page-0123456789abcdef.js`) never changes its meaning.
fn cache_control(path: &Path) -> &'static str {
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let is_hash = |part: &str| part.len() >= 15 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    match name.split(['-', '_']).any(is_hash) {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    }
}

fn content_security_policy(page: &str) -> Option<String> {
    let (_, tail) = page.split_once("http-equiv=\"Content-Security-Policy\"")?;
    let (tag, _) = tail.split_once('>')?;
    let (_, tail) = tag.split_once("content=\"")?;
    let (policy, _) = tail.split_once('"')?;
    Some(policy.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(cache_control(Path::new("kubestep-web-47f1a1ba13a6e4c5_bg.wasm")).contains("immutable"));
        assert_eq!(cache_control(Path::new("editor.js")), "no-cache");
        assert_eq!(cache_control(Path::new("inter-latin-wght-normal.woff2")), "no-cache");
    }

    #[test]
    fn the_policy_is_read_from_the_page_on_one_line() {
        let page =
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';\n  img-src 'self'\">";
        assert_eq!(content_security_policy(page).unwrap(), "default-src 'none'; img-src 'self'");
        assert_eq!(content_security_policy("<html>"), None);
    }
}
