//! A session as a link: what was done and where the viewer stood, after the `#` of the page's own address. The server
//! never sees it, and the steps follow from it.

use crate::model::session::Session;

/// What a link's text begins with; another letter will mean another form.
const FORM: &str = "s1.";

/// The longest link that is made or read, in characters: what the usual programs let through.
const MOST_CHARACTERS: usize = 64 << 10;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The text after the `#`, unless it would be too long.
pub fn encode(session: &Session) -> Option<String> {
    let json = serde_json::to_string(session).ok()?;
    let text = format!("{FORM}{}", to_base64(json.as_bytes()));
    (text.len() <= MOST_CHARACTERS).then_some(text)
}

/// The session that the text after the `#` describes; `None` if it is no link of this page.
///
/// # Errors
/// A sentence, if it is a link but a broken one.
pub fn decode(fragment: &str) -> Option<Result<Session, &'static str>> {
    let text = fragment.trim_start_matches('#').strip_prefix(FORM)?;
    if text.len() > MOST_CHARACTERS {
        return Some(Err("The link is longer than any that this page makes."));
    }
    let session = from_base64(text).and_then(|json| serde_json::from_slice(&json).ok());
    Some(session.ok_or("The link is cut off or changed: it describes no session."))
}

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]));
        }
    }
    text
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in text.as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for byte in group {
            let digit = DIGITS.iter().position(|digit| digit == byte)?;
            bits = bits << 6 | digit as u32;
        }
        bits <<= 6 * (4 - group.len());
        let whole = bits.to_be_bytes();
        bytes.extend(&whole[1..group.len()]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::session::Act;

    fn session(text: &str) -> Session {
        Session { lesson: None, cluster: None, acts: vec![Act::apply(0, &text.into())], cursor: Some(41) }
    }

    #[test]
    fn a_link_brings_back_the_session_it_was_made_of() {
        for text in ["", "a", "kind: Pod", "name: \"ünïcode → ☃\""] {
            let link = encode(&session(text)).expect("short enough");
            assert_eq!(decode(&format!("#{link}")), Some(Ok(session(text))));
        }
    }

    #[test]
    fn a_broken_link_is_said_to_be_broken() {
        let link = encode(&session("kind: Pod")).expect("short enough");
        assert!(matches!(decode(&link[..link.len() - 9]), Some(Err(_))));
        assert!(matches!(decode("s1.!!"), Some(Err(_))));
    }

    #[test]
    fn another_fragment_is_no_link() {
        assert_eq!(decode("#transport"), None);
    }

    #[test]
    fn a_session_too_long_for_a_link_has_none() {
        assert_eq!(encode(&session(&"x".repeat(MOST_CHARACTERS))), None);
    }
}
