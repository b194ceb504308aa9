//! Command lines: flags, options with a value, and names, in any order.

use crate::failure::{Failure, Outcome};

/// What stands behind the command's name; each `take_` removes what it understood.
pub(crate) struct Arguments {
    rest: Vec<String>,
}

impl Arguments {
    /// Holds `rest` until somebody takes it.
    pub(crate) fn new(rest: Vec<String>) -> Arguments {
        Arguments { rest }
    }

    /// Whether `--flag` was given.
    pub(crate) fn take_flag(&mut self, flag: &str) -> bool {
        let before = self.rest.len();
        self.rest.retain(|word| word != flag);
        self.rest.len() < before
    }

    /// The values of `--option VALUE` or `--option=VALUE`, in their order.
    pub(crate) fn take_values(&mut self, option: &str) -> Outcome<Vec<String>> {
        let mut values = Vec::new();
        let mut others = Vec::new();
        let mut words = std::mem::take(&mut self.rest).into_iter();
        while let Some(word) = words.next() {
            if word == option {
                values.push(words.next().ok_or_else(|| Failure::new(format!("{option} needs a value")))?);
            } else if let Some(value) = word.strip_prefix(option).and_then(|tail| tail.strip_prefix('=')) {
                values.push(value.to_owned());
            } else {
                others.push(word);
            }
        }
        self.rest = others;
        Ok(values)
    }

    /// The value of an option that may be given once.
    pub(crate) fn take_value(&mut self, option: &str) -> Outcome<Option<String>> {
        let mut values = self.take_values(option)?;
        if values.len() > 1 {
            return Err(Failure::new(format!(
                "{option} was given {} times; it takes one value",
                values.len()
            )));
        }
        Ok(values.pop())
    }

    /// All that is left, if none of it looks like an option.
    pub(crate) fn take_names(self) -> Outcome<Vec<String>> {
        match self.rest.iter().find(|word| word.starts_with('-') && word.len() > 1) {
            Some(unknown) => Err(Failure::new(format!("unknown option {unknown}; see cargo xtask help"))),
            None => Ok(self.rest),
        }
    }

    /// All that is left, whatever it looks like: another program reads it.
    pub(crate) fn take_all(self) -> Vec<String> {
        self.rest
    }

    /// Refuses whatever was not taken.
    pub(crate) fn nothing_left(self) -> Outcome {
        match self.take_names()?.first() {
            Some(word) => Err(Failure::new(format!("unexpected argument {word:?}; see cargo xtask help"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments::new(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn options_and_names_may_be_mixed() {
        let mut line = arguments("a.yaml --do one --steps b.yaml --do=two");
        assert_eq!(line.take_values("--do").unwrap(), ["one", "two"]);
        assert!(line.take_flag("--steps"));
        assert!(!line.take_flag("--json"));
        assert_eq!(line.take_names().unwrap(), ["a.yaml", "b.yaml"]);
    }

    #[test]
    fn an_unknown_option_is_named() {
        let refused = arguments("--prot 80").nothing_left().unwrap_err();
        assert_eq!(refused.to_string(), "unknown option --prot; see cargo xtask help");
    }

    #[test]
    fn an_option_without_its_value_is_named() {
        let refused = arguments("--port").take_value("--port").unwrap_err();
        assert_eq!(refused.to_string(), "--port needs a value");
    }
}
