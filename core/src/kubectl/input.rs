//! What a shell does before kubectl is called: a document that is pasted behind `<<EOF` is the standard input of
//! `-f -`. Everything else that a shell could do is refused with a sentence.

/// A command line, and what it is given to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    /// The line.
    pub(super) command: String,
    /// The text behind `<<EOF`.
    pub(super) stdin: Option<String>,
}

/// What only a shell understands, as words of their own.
const SHELL: [&str; 9] = ["|", "||", "&&", "&", ";", ">", ">>", "<", "2>&1"];

/// Takes a pasted document off a command: `kubectl apply -f - <<EOF`, or `cat <<EOF | kubectl apply -f -`, a document in
/// the lines that follow, and the word again. Lines that end with a backslash go on.
///
/// # Errors
/// A sentence if the document does not end.
pub(super) fn read(text: &str) -> Result<Input, String> {
    let text = text.trim_start();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let Some((before, after)) = first.split_once("<<") else {
        return Ok(Input { command: text.replace("\\\n", " "), stdin: None });
    };
    let (without_tabs, after) = after.strip_prefix('-').map_or((false, after), |after| (true, after));
    let after = after.trim_start();
    let (word, after) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
    let word = word.trim_matches(['\'', '"']);
    let command = match (before.trim(), after.trim().strip_prefix('|')) {
        ("cat", Some(command)) => command.trim().to_owned(),
        (before, _) => format!("{before} {}", after.trim()).trim().to_owned(),
    };
    let line =
        |line: &str| if without_tabs { line.trim_start_matches('\t').to_owned() } else { line.to_owned() };
    let mut stdin = String::new();
    for each in rest.lines().map(line) {
        if each.trim_end() == word {
            return Ok(Input { command, stdin: Some(stdin) });
        }
        stdin.push_str(&each);
        stdin.push('\n');
    }
    Err(format!("error: the document behind <<{word} never ends: {word} is missing on a line of its own"))
}

/// Refuses pipes and the like: there is no shell.
///
/// # Errors
/// A sentence that names what was found.
pub(super) fn refuse_shell(words: &[String]) -> Result<(), String> {
    match words.iter().take_while(|word| *word != "--").find(|word| SHELL.contains(&word.as_str())) {
        Some(found) => Err(format!(
            "error: there is no shell here that could read {found}: one kubectl command at a time"
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_document_is_the_standard_input() {
        let expected = Input {
            command: "kubectl apply -f -".to_owned(),
            stdin: Some("kind: Pod\nspec: {}\n".to_owned()),
        };
        for text in [
            "kubectl apply -f - <<EOF\nkind: Pod\nspec: {}\nEOF\n",
            "kubectl apply -f - <<'EOF'\nkind: Pod\nspec: {}\nEOF",
            "cat <<EOF | kubectl apply -f -\nkind: Pod\nspec: {}\nEOF",
            "kubectl apply -f - <<-END\n\tkind: Pod\n\tspec: {}\n\tEND",
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
        assert!(read("kubectl apply -f - <<EOF\nkind: Pod").unwrap_err().contains("never ends"));
        assert_eq!(read("get \\\npods").unwrap().command, "get  pods");
    }
}
