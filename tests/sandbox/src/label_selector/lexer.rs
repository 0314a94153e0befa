//! The words of a label selector.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Error,
    End,
    ClosedPar,
    Comma,
    DoesNotExist,
    DoubleEquals,
    Equals,
    GreaterThan,
    Identifier,
    In,
    LessThan,
    NotEquals,
    NotIn,
    OpenPar,
}

/// All tokens of the text with their literals; the last one is `End`.
pub(super) fn scan(text: &str) -> Vec<(Token, String)> {
    let mut rest = text;
    let mut tokens = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let Some(first) = rest.chars().next() else {
            break;
        };
        let (token, literal, length) = if is_special(first) {
            special(rest)
        } else {
            word(rest)
        };
        rest = &rest[length..];
        tokens.push((token, literal));
    }
    tokens.push((Token::End, String::new()));
    tokens
}

fn is_special(character: char) -> bool {
    matches!(character, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

fn symbol(text: &str) -> Option<Token> {
    Some(match text {
        ")" => Token::ClosedPar,
        "," => Token::Comma,
        "!" => Token::DoesNotExist,
        "==" => Token::DoubleEquals,
        "=" => Token::Equals,
        ">" => Token::GreaterThan,
        "<" => Token::LessThan,
        "!=" => Token::NotEquals,
        "(" => Token::OpenPar,
        _ => return None,
    })
}

/// The longest known symbol. All two-letter symbols begin with a one-letter symbol.
fn special(text: &str) -> (Token, String, usize) {
    for length in [2, 1] {
        if let Some(literal) = text.get(..length)
            && let Some(token) = symbol(literal)
        {
            return (token, literal.to_owned(), length);
        }
    }
    (
        Token::Error,
        format!("error expected: keyword found '{text}'"),
        text.len(),
    )
}

fn word(text: &str) -> (Token, String, usize) {
    let end = text
        .find(|character: char| {
            is_special(character) || matches!(character, ' ' | '\t' | '\r' | '\n')
        })
        .unwrap_or(text.len());
    let literal = &text[..end];
    let token = match literal {
        "in" => Token::In,
        "notin" => Token::NotIn,
        _ => Token::Identifier,
    };
    (token, literal.to_owned(), end)
}
