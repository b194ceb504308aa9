//! The part of HTTP/1.1 that a browser uses to get a file.

use std::io::{self, Read};

/// A longer request head is refused; browsers send about 1 KiB.
const LONGEST_HEAD: usize = 16 * 1024;

/// How the file is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Head,
}

/// One request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: Method,
    /// Decoded and without the query; starts with a slash.
    pub(super) path: String,
    /// `If-None-Match`: the version that the client has already.
    pub(super) known_tag: Option<String>,
}

/// Why there is no request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    TooLong,
    Malformed,
    Method,
}

/// Reads up to the empty line that ends the head. A body would be ignored: the connection closes.
pub(super) fn read(mut connection: impl Read) -> io::Result<Result<Request, Refused>> {
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD {
            return Ok(Err(Refused::TooLong));
        }
        match connection.read(&mut chunk)? {
            0 => return Ok(Err(Refused::Malformed)),
            length => head.extend_from_slice(&chunk[..length]),
        }
    }
    Ok(parse(&String::from_utf8_lossy(&head)))
}

fn parse(head: &str) -> Result<Request, Refused> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Refused::Malformed);
    };
    if !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return Err(Refused::Malformed);
    }
    let method = match method {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        _ => return Err(Refused::Method),
    };
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let known_tag = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("if-none-match"))
        .map(|(_, tag)| tag.trim().to_owned());
    Ok(Request { method, path: decode(path).ok_or(Refused::Malformed)?, known_tag })
}

/// `%2e` -> `.`; `None` for a broken escape or bytes that are not UTF-8.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| (byte as char).to_digit(16);
        bytes.push((digit(rest.next()?)? * 16 + digit(rest.next()?)?) as u8);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of(target: &str) -> Result<String, Refused> {
        parse(&format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n")).map(|request| request.path)
    }

    #[test]
    fn a_path_is_decoded_and_loses_its_query() {
        assert_eq!(path_of("/a%20b/c.js?v=1"), Ok("/a b/c.js".to_owned()));
        assert_eq!(path_of("/%2e%2e/secret"), Ok("/../secret".to_owned()));
    }

    #[test]
    fn nonsense_is_refused() {
        for target in ["/%", "/%2", "/%zz", "/%ff", "http://elsewhere/"] {
            assert_eq!(path_of(target), Err(Refused::Malformed), "{target}");
        }
        assert_eq!(parse("POST / HTTP/1.1\r\n\r\n"), Err(Refused::Method));
        assert_eq!(parse("GET /\r\n\r\n"), Err(Refused::Malformed));
    }

    #[test]
    fn an_endless_head_is_cut() {
        let endless = io::repeat(b'x');
        assert_eq!(read(endless).unwrap(), Err(Refused::TooLong));
    }
}
