//! Label selectors as they are typed: `app=web,tier!=cache,env in (a,b),!old`. Upstream: `k8s.io/apimachinery/pkg/labels`.

use crate::api::Selector;
use crate::api::selector::Requirement;

/// Reads a selector.
///
/// # Errors
/// What is wrong with it, after `error: `.
pub(super) fn parse(text: &str) -> Result<Selector, String> {
    let requirements = split(text).into_iter().map(str::trim).filter(|part| !part.is_empty());
    requirements.map(requirement).collect::<Result<_, _>>().map(Selector::new)
}

/// Splits at commas, but not within brackets.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_i32);
    for (place, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn requirement(text: &str) -> Result<Requirement, String> {
    if let Some(key) = text.strip_prefix('!') {
        return Ok(Requirement::DoesNotExist(key.trim().to_owned()));
    }
    if let Some((key, value)) = text.split_once("!=") {
        return Ok(Requirement::NotIn(key.trim().to_owned(), vec![value.trim().to_owned()]));
    }
    if let Some((key, value)) = text.split_once('=') {
        let value = value.strip_prefix('=').unwrap_or(value);
        return Ok(Requirement::In(key.trim().to_owned(), vec![value.trim().to_owned()]));
    }
    let mut words = text.splitn(2, char::is_whitespace);
    let key = words.next().unwrap_or_default().to_owned();
    let Some(rest) = words.next().map(str::trim) else { return Ok(Requirement::Exists(key)) };
    let (operator, values) = rest.split_once('(').unwrap_or((rest, ""));
    let values: Vec<String> =
        values.trim_end_matches(')').split(',').map(|value| value.trim().to_owned()).collect();
    match operator.trim() {
        "in" => Ok(Requirement::In(key, values)),
        "notin" => Ok(Requirement::NotIn(key, values)),
        other => Err(format!(
            "unable to parse requirement: found '{other}', expected: in, notin, =, ==, !=, gt, lt"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_is_read() {
        let text = "app=web, tier!=cache,env in (a, b),zone notin (c),gpu,!old,x==y";
        let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        let expected = Selector::new(vec![
            Requirement::In("app".to_owned(), list(&["web"])),
            Requirement::NotIn("tier".to_owned(), list(&["cache"])),
            Requirement::In("env".to_owned(), list(&["a", "b"])),
            Requirement::NotIn("zone".to_owned(), list(&["c"])),
            Requirement::Exists("gpu".to_owned()),
            Requirement::DoesNotExist("old".to_owned()),
            Requirement::In("x".to_owned(), list(&["y"])),
        ]);
        assert_eq!(parse(text).unwrap(), expected);
        assert!(parse("app like web").is_err());
    }
}
