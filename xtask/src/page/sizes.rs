//! What each file of the page weighs, as it is and as a static host would send it.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::conformance;
use crate::failure::{Outcome, While};

/// What the first picture may need, fonts included, in bytes after gzip.
const FIRST_PICTURE_LIMIT: usize = 900 * 1024;

/// One file of the page.
pub(crate) struct FileSize {
    /// Below the page's folder, with forward slashes.
    pub(crate) name: String,
    /// Bytes on disk.
    pub(crate) raw: usize,
    /// Bytes after gzip; fonts and pictures are compressed already and are sent as they are.
    pub(crate) sent: usize,
    /// Whether the page loads it before it can show anything.
    pub(crate) is_for_first_picture: bool,
}

/// All files of the page, largest first.
pub(crate) struct Weight(pub(crate) Vec<FileSize>);

impl Weight {
    /// Bytes that travel before the first picture.
    pub(crate) fn first_picture(&self) -> usize {
        self.0.iter().filter(|file| file.is_for_first_picture).map(|file| file.sent).sum()
    }
}

/// Weighs every file below `folder`.
pub(crate) fn weigh(folder: &Path) -> Outcome<Weight> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    let sources = needing_sources(folder, &files)?;
    for file in &mut files {
        file.is_for_first_picture = is_needed(&file.name, &sources);
    }
    files.sort_by(|one, other| other.sent.cmp(&one.sent).then_with(|| one.name.cmp(&other.name)));
    Ok(Weight(files))
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<FileSize>) -> Outcome {
    for entry in fs::read_dir(folder).while_doing(format!("list {}", folder.display()))? {
        let path = entry.while_doing(format!("list {}", folder.display()))?.path();
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() && name == conformance::FOLDER {
            let mut pages = Vec::new();
            collect(&path, "", &mut pages)?;
            files.push(together(format!("{name}/ ({} files)", pages.len()), &pages));
            continue;
        }
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
            continue;
        }
        let content = fs::read(&path).while_doing(format!("read {}", path.display()))?;
        let sent =
            gzip_size(&content).while_doing(format!("compress {}", path.display()))?.min(content.len());
        files.push(FileSize { name, raw: content.len(), sent, is_for_first_picture: false });
    }
    Ok(())
}

/// Many small files as one.
fn together(name: String, files: &[FileSize]) -> FileSize {
    FileSize {
        name,
        raw: files.iter().map(|file| file.raw).sum(),
        sent: files.iter().map(|file| file.sent).sum(),
        is_for_first_picture: false,
    }
}

/// The text of the files that name what is loaded at once: the page, and the style sheets, which name the fonts.
/// Scripts are not among them: what a script fetches comes later.
fn needing_sources(folder: &Path, files: &[FileSize]) -> Outcome<Vec<String>> {
    let names = files.iter().map(|file| file.name.as_str());
    names
        .filter(|name| *name == "index.html" || name.ends_with(".css"))
        .map(|name| fs::read_to_string(folder.join(name)).while_doing(format!("read {name}")))
        .collect()
}

fn is_needed(name: &str, sources: &[String]) -> bool {
    name == "index.html" || sources.iter().any(|source| source.contains(name))
}

fn gzip_size(content: &[u8]) -> std::io::Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content)?;
    Ok(encoder.finish()?.len())
}

impl fmt::Display for Weight {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{:>11}  {:>11}", "raw", "gzip")?;
        for file in &self.0 {
            let mark = if file.is_for_first_picture { "" } else { "  (not for the first picture)" };
            writeln!(formatter, "{:>11}  {:>11}  {}{mark}", kib(file.raw), kib(file.sent), file.name)?;
        }
        let (total, limit) = (self.first_picture(), FIRST_PICTURE_LIMIT);
        let verdict = if total <= limit { "within" } else { "OVER" };
        writeln!(
            formatter,
            "{:>24}  for the first picture, {verdict} the limit of {}",
            kib(total),
            kib(limit)
        )
    }
}

fn kib(bytes: usize) -> String {
    format!("{:.1} KiB", bytes as f64 / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_picture_waits_for_what_the_page_and_its_styles_name() {
        let sources = [
            r#"<link rel="stylesheet" href="./page-1a2b.css"><script src="boot.js"></script>"#.to_owned(),
            r#"@font-face{src:url("fonts/inter.woff2")}"#.to_owned(),
        ];
        let needed = |name: &str| is_needed(name, &sources);
        assert!(["index.html", "page-1a2b.css", "boot.js", "fonts/inter.woff2"].into_iter().all(needed));
        assert!(!["editor.js", "fonts/OFL.txt"].into_iter().any(needed));
    }

    #[test]
    fn only_what_the_first_picture_waits_for_is_added_up() {
        let file = |name: &str, sent, is_for_first_picture| FileSize {
            name: name.to_owned(),
            raw: sent,
            sent,
            is_for_first_picture,
        };
        let weight = Weight(vec![
            file("index.html", 1, true),
            file("page.wasm", 20, true),
            file("editor.js", 300, false),
        ]);
        assert_eq!(weight.first_picture(), 21);
    }

    #[test]
    fn repetition_compresses() {
        assert!(gzip_size(&[b'x'; 10_000]).unwrap() < 100);
    }
}
