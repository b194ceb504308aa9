//! Label selectors as they are typed: `app=web,tier!=cache,env in (a,b),!old`. Upstream: `k8s.io/apimachinery/pkg/labels`.

use std::fmt;

use crate::api::Selector;
use crate::api::selector::Requirement;

/// Reads a selector.
///
/// # Errors
/// What is wrong with it, in the API server's words.
pub(super) fn parse(text: &str) -> Result<Selector, String> {
    let words = words(text);
    let mut parser = Parser { words: &words, place: 0 };
    let mut requirements = Vec::new();
    loop {
        match parser.peek() {
            Word::End => break,
            Word::Text(_) | Word::Sign("!") => {
                let requirement = parser.requirement();
                requirements
                    .push(requirement.map_err(|fault| format!("unable to parse requirement: {fault}"))?);
                match (parser.next(), parser.peek()) {
                    (Word::End, _) => break,
                    (Word::Sign(","), Word::Text(_) | Word::Sign("!")) => {}
                    (Word::Sign(","), found) => {
                        return Err(format!("found '{found}', expected: identifier after ','"));
                    }
                    (found, _) => return Err(format!("found '{found}', expected: ',' or 'end of string'")),
                }
            }
            found => return Err(format!("found '{found}', expected: !, identifier, or 'end of string'")),
        }
    }
    Ok(Selector::new(requirements))
}

/// A word or a sign of a selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word<'a> {
    Text(&'a str),
    Sign(&'static str),
    End,
}

impl fmt::Display for Word<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Word::Text(text) => out.write_str(text),
            Word::Sign(sign) => out.write_str(sign),
            Word::End => Ok(()),
        }
    }
}

/// The longer ones first.
const SIGNS: [&str; 9] = ["==", "!=", "=", "!", "(", ")", ",", "<", ">"];
const OPERATORS: &str = "in, notin, =, ==, !=, gt, lt";

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
        let length = match sign {
            Some(sign) => {
                words.push(Word::Sign(sign));
                sign.len()
            }
            None => {
                let ends = |letter: char| letter.is_whitespace() || "=!(),<>".contains(letter);
                let length = rest.find(ends).unwrap_or(rest.len());
                words.push(Word::Text(&rest[..length]));
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    words
}

struct Parser<'w, 'a> {
    words: &'w [Word<'a>],
    place: usize,
}

impl<'a> Parser<'_, 'a> {
    fn peek(&self) -> Word<'a> {
        self.words.get(self.place).copied().unwrap_or(Word::End)
    }

    fn next(&mut self) -> Word<'a> {
        let word = self.peek();
        self.place += 1;
        word
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let is_negated = self.peek() == Word::Sign("!");
        if is_negated {
            self.place += 1;
        }
        let key = match self.next() {
            Word::Text(key) => key.to_owned(),
            found => return Err(format!("found '{found}', expected: identifier")),
        };
        if is_negated {
            return Ok(Requirement::DoesNotExist(key));
        }
        if matches!(self.peek(), Word::End | Word::Sign(",")) {
            return Ok(Requirement::Exists(key));
        }
        match self.next() {
            Word::Sign("=" | "==") => Ok(Requirement::In(key, vec![self.value()?])),
            Word::Sign("!=") => Ok(Requirement::NotIn(key, vec![self.value()?])),
            Word::Text("in") => Ok(Requirement::In(key, self.values()?)),
            Word::Text("notin") => Ok(Requirement::NotIn(key, self.values()?)),
            Word::Sign(sign @ ("<" | ">")) => Err(format!("'{sign}' is not simulated")),
            found => Err(format!("found '{found}', expected: {OPERATORS}")),
        }
    }

    /// What a label is compared with: nothing at all is the empty text.
    fn value(&mut self) -> Result<String, String> {
        match self.peek() {
            Word::End | Word::Sign(",") => Ok(String::new()),
            Word::Text(value) => {
                self.place += 1;
                Ok(value.to_owned())
            }
            found => Err(format!("found '{found}', expected: identifier")),
        }
    }

    /// `(a, b)`
    fn values(&mut self) -> Result<Vec<String>, String> {
        match self.next() {
            Word::Sign("(") => {}
            found => return Err(format!("found '{found}' expected: '('")),
        }
        let mut values = Vec::new();
        loop {
            match self.next() {
                Word::Text(value) => {
                    values.push(value.to_owned());
                    match self.next() {
                        Word::Sign(",") => {}
                        Word::Sign(")") => return Ok(values),
                        found => return Err(format!("found '{found}', expected: ',' or ')'")),
                    }
                }
                Word::Sign(",") => values.push(String::new()),
                Word::Sign(")") => {
                    values.push(String::new());
                    return Ok(values);
                }
                found => return Err(format!("found '{found}', expected: identifier")),
            }
        }
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
    }

    #[test]
    fn what_is_no_selector_is_refused_in_the_servers_words() {
        for (text, fault) in [
            (
                "app like web",
                "unable to parse requirement: found 'like', expected: in, notin, =, ==, !=, gt, lt",
            ),
            ("app in (a", "unable to parse requirement: found '', expected: ',' or ')'"),
            ("app in a", "unable to parse requirement: found 'a' expected: '('"),
            ("=x", "found '=', expected: !, identifier, or 'end of string'"),
            ("app=web,", "found '', expected: identifier after ','"),
            ("app=web tier", "found 'tier', expected: ',' or 'end of string'"),
        ] {
            assert_eq!(parse(text).unwrap_err(), fault, "{text}");
        }
    }
}
