//! What each file of the page weighs, as it is and as a static host would send it.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

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
}

impl FileSize {
    /// Whether the page loads it before it can show anything. Licences, pictures of the manual and the like are not.
    fn is_for_first_picture(&self) -> bool {
        [".html", ".css", ".js", ".wasm", ".woff2", ".svg"].iter().any(|ending| self.name.ends_with(ending))
    }
}

/// All files of the page, largest first.
pub(crate) struct Weight(pub(crate) Vec<FileSize>);

impl Weight {
    /// Bytes that travel before the first picture.
    pub(crate) fn first_picture(&self) -> usize {
        self.0.iter().filter(|file| file.is_for_first_picture()).map(|file| file.sent).sum()
    }
}

/// Weighs every file below `folder`.
pub(crate) fn weigh(folder: &Path) -> Outcome<Weight> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    files.sort_by(|one, other| other.sent.cmp(&one.sent).then_with(|| one.name.cmp(&other.name)));
    Ok(Weight(files))
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<FileSize>) -> Outcome {
    for entry in fs::read_dir(folder).while_doing(format!("list {}", folder.display()))? {
        let path = entry.while_doing(format!("list {}", folder.display()))?.path();
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
            continue;
        }
        let content = fs::read(&path).while_doing(format!("read {}", path.display()))?;
        let sent =
            gzip_size(&content).while_doing(format!("compress {}", path.display()))?.min(content.len());
        files.push(FileSize { name, raw: content.len(), sent });
    }
    Ok(())
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
            let mark = if file.is_for_first_picture() { "" } else { "  (not for the first picture)" };
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
    fn the_first_picture_waits_for_fonts_but_not_for_their_licence() {
        let file = |name: &str, sent| FileSize { name: name.to_owned(), raw: sent, sent };
        let weight =
            Weight(vec![file("index.html", 1), file("fonts/inter.woff2", 20), file("fonts/OFL.txt", 300)]);
        assert_eq!(weight.first_picture(), 21);
    }

    #[test]
    fn repetition_compresses() {
        assert!(gzip_size(&[b'x'; 10_000]).unwrap() < 100);
    }
}
