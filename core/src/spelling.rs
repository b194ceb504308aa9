//! How much alike two words are spelled: for "did you mean".

/// How many letters have to be put in, left out or changed to make `one` of `other`; small and capital letters
/// are the same.
pub(crate) fn distance(one: &str, other: &str) -> usize {
    let lower = |text: &str| text.to_ascii_lowercase().chars().collect::<Vec<char>>();
    let (one, other) = (lower(one), lower(other));
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], place + 1);
        for (column, against) in other.iter().enumerate() {
            let change = diagonal + usize::from(letter != against);
            diagonal = row[column + 1];
            row[column + 1] = change.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// The one of `words` that is spelled most like `word`, if any is much like it: one letter in three may differ.
pub(crate) fn nearest<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = word.chars().count() / 3;
    let near = words.into_iter().map(|known| (distance(word, known), known));
    near.filter(|(distance, _)| *distance <= most.max(1)).min_by_key(|(distance, _)| *distance).map(|it| it.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted_that_differ() {
        assert_eq!(distance("replica", "replicas"), 1);
        assert_eq!(distance("Replicas", "replicas"), 0);
        assert_eq!(distance("Deploymnet", "Deployment"), 2);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn what_is_much_alike_is_found() {
        let fields = ["replicas", "selector", "template"];
        assert_eq!(nearest("replica", fields), Some("replicas"));
        assert_eq!(nearest("tempalte", fields), Some("template"));
        assert_eq!(nearest("volumes", fields), None);
    }
}
