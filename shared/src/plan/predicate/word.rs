//! What is searched in names.

/// A word that is found in small and capital letters of ASCII alike.
///
/// It is compared from its end, and what stands there in a name says how far the word must be moved for it to fit
/// (Horspool 1980): most letters of a name are never looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    text: Box<[u8]>,
    /// How far to move for each byte that stands where the word ends. A word that is moved less than it may be is
    /// still found, so that one byte is enough.
    moves: [u8; 256],
}

impl Word {
    /// Prepares a word.
    #[must_use]
    pub fn new(word: &str) -> Self {
        let text = word.to_ascii_lowercase().into_bytes().into_boxed_slice();
        let most = |distance: usize| u8::try_from(distance).unwrap_or(u8::MAX);
        let mut moves = [most(text.len()); 256];
        let end = text.len().saturating_sub(1);
        for (at, byte) in text.iter().take(end).enumerate() {
            for byte in [*byte, byte.to_ascii_uppercase()] {
                moves[usize::from(byte)] = most(end - at);
            }
        }
        Self { text, moves }
    }

    /// Whether a name contains it.
    #[must_use]
    pub fn is_in(&self, name: &str) -> bool {
        let Some((last, rest)) = self.text.split_last() else {
            return true;
        };
        let name = name.as_bytes();
        let mut end = rest.len();
        while let Some(byte) = name.get(end) {
            if byte.to_ascii_lowercase() == *last {
                let before = name.get(end - rest.len()..end);
                if before.is_some_and(|before| before.eq_ignore_ascii_case(rest)) {
                    return true;
                }
            }
            end += usize::from(self.moves[usize::from(*byte)]);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let long = "x".repeat(300);
        for (name, word, is_in) in [
            ("web-1", "", true),
            ("", "", true),
            ("", "a", false),
            ("web-1", "b-1", true),
            ("web-1", "b-12", false),
            ("wewebb", "web", true),
            ("Web", "wEB", true),
            ("wÉb", "é", false),
            ("a@b", "`", false),
            (&format!("y{long}z"), &format!("{long}Z"), true),
            (&long, &format!("{long}z"), false),
        ] {
            assert_eq!(Word::new(word).is_in(name), is_in, "{name} {word}");
        }
    }

    #[test]
    fn every_short_word_in_every_short_name() {
        let texts = |length: u32| {
            let letters = move |number: u32| {
                (0..length).map(move |at| b"aBc"[(number / 3_u32.pow(at) % 3) as usize] as char)
            };
            (0..3_u32.pow(length)).map(move |number| letters(number).collect::<String>())
        };
        for word in (0..5).flat_map(texts) {
            let (prepared, small) = (Word::new(&word), word.to_lowercase());
            for name in (0..7).flat_map(texts) {
                assert_eq!(
                    prepared.is_in(&name),
                    name.to_lowercase().contains(&small),
                    "{name} {word}"
                );
            }
        }
    }
}
