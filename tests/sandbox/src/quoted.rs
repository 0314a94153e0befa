//! Text in quotes as Go's `%q` writes it, which is how the server's errors show what they were given.

use std::fmt;

/// Prints a text in quotes.
#[derive(Clone, Copy)]
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("\"")?;
        for letter in self.0.chars() {
            match letter {
                '"' => out.write_str("\\\"")?,
                '\\' => out.write_str("\\\\")?,
                '\u{7}' => out.write_str("\\a")?,
                '\u{8}' => out.write_str("\\b")?,
                '\u{c}' => out.write_str("\\f")?,
                '\n' => out.write_str("\\n")?,
                '\r' => out.write_str("\\r")?,
                '\t' => out.write_str("\\t")?,
                '\u{b}' => out.write_str("\\v")?,
                '\0'..='\u{1f}' | '\u{7f}' => write!(out, "\\x{:02x}", u32::from(letter))?,
                // Rust and Go agree about what can be printed.
                _ if letter.escape_debug().len() > 1 && letter > '\u{7f}' => {
                    write!(out, "\\u{:04x}", u32::from(letter))?;
                }
                _ => write!(out, "{letter}")?,
            }
        }
        out.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn as_go_does() {
        let text = "a\"b\\c'd\u{1}\n\0ä\u{200b}\u{7f}";
        expect![[r#""a\"b\\c'd\x01\n\x00ä\u200b\x7f""#]].assert_eq(&Quoted(text).to_string());
    }
}
