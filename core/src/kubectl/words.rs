//! Splits a command line into words, as a shell does: blanks, quotes, backslashes.

/// The words of `line`.
///
/// # Errors
/// A sentence if a quote is never closed.
pub(crate) fn split(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' | '"' => quoted(character, &mut characters, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().extend(characters.next()),
            blank if blank.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Reads up to the closing quote. Only double quotes know backslashes.
fn quoted(quote: char, characters: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), String> {
    while let Some(character) = characters.next() {
        match character {
            end if end == quote => return Ok(()),
            '\\' if quote == '"' => match characters.next() {
                Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                Some(other) => word.extend(['\\', other]),
                None => break,
            },
            other => word.push(other),
        }
    }
    Err(format!("error: the quote {quote} is never closed"))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn quotes_and_backslashes_keep_blanks_together() {
        let line = r#"annotate deploy web kubernetes.io/change-cause="first version" a='b "c"' d\ e ''"#;
        let expected =
            ["annotate", "deploy", "web", "kubernetes.io/change-cause=first version", "a=b \"c\"", "d e", ""];
        assert_eq!(split(line).unwrap(), expected);
        assert_eq!(split(r#""a\"b\c""#).unwrap(), [r#"a"b\c"#]);
        assert!(split("get 'pods").is_err());
    }
}
