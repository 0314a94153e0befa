//! The grammar of a label selector: `requirement ("," requirement)*`.

use std::collections::BTreeSet;

use super::lexer::{Token, scan};
use super::validation::{label_key_faults, label_value_faults};
use super::{Operator, Requirement};
use crate::quoted::Quoted;

pub(super) fn parse(text: &str) -> Result<Vec<Requirement>, String> {
    let mut parser = Parser {
        tokens: scan(text),
        position: 0,
    };
    let mut requirements = Vec::new();
    loop {
        let (token, literal) = parser.peek_value();
        match token {
            Token::Identifier | Token::DoesNotExist => {
                let requirement = parser
                    .requirement()
                    .map_err(|error| format!("unable to parse requirement: {error}"))?;
                requirements.push(requirement);
                match parser.next_value() {
                    (Token::End, _) => return Ok(requirements),
                    (Token::Comma, _) => parser.expect_requirement_after_comma()?,
                    (_, literal) => {
                        return Err(format!(
                            "found '{literal}', expected: ',' or 'end of string'"
                        ));
                    }
                }
            }
            Token::End => return Ok(requirements),
            _ => {
                return Err(format!(
                    "found '{literal}', expected: !, identifier, or 'end of string'"
                ));
            }
        }
    }
}

struct Parser {
    tokens: Vec<(Token, String)>,
    position: usize,
}

impl Parser {
    /// In any place but after a key, `in` and `notin` are words like others.
    fn peek_value(&self) -> (Token, &str) {
        let (token, literal) = self.peek();
        match token {
            Token::In | Token::NotIn => (Token::Identifier, literal),
            _ => (token, literal),
        }
    }

    fn peek(&self) -> (Token, &str) {
        self.tokens
            .get(self.position)
            .map_or((Token::End, ""), |(token, literal)| {
                (*token, literal.as_str())
            })
    }

    fn next_value(&mut self) -> (Token, String) {
        let (token, literal) = self.peek_value();
        let next = (token, literal.to_owned());
        self.position += 1;
        next
    }

    fn expect_requirement_after_comma(&self) -> Result<(), String> {
        match self.peek_value() {
            (Token::Identifier | Token::DoesNotExist, _) => Ok(()),
            (_, literal) => Err(format!("found '{literal}', expected: identifier after ','")),
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let (mut token, mut key) = self.next_value();
        let negated = token == Token::DoesNotExist;
        if negated {
            (token, key) = self.next_value();
        }
        if token != Token::Identifier {
            return Err(format!("found '{key}', expected: identifier"));
        }
        let faults = label_key_faults(&key);
        if !faults.is_empty() {
            return Err(format!(
                "<nil>: Invalid value: {}: {}",
                Quoted(&key),
                faults.join("; ")
            ));
        }
        if negated {
            return Ok(Requirement {
                key,
                operator: Operator::DoesNotExist,
                values: Vec::new(),
            });
        }
        if matches!(self.peek_value().0, Token::End | Token::Comma) {
            return Ok(Requirement {
                key,
                operator: Operator::Exists,
                values: Vec::new(),
            });
        }
        self.restriction(key)
    }

    fn restriction(&mut self, key: String) -> Result<Requirement, String> {
        let (token, literal) = self.peek();
        let operator = match token {
            Token::In | Token::Equals | Token::DoubleEquals => Operator::In,
            Token::NotIn | Token::NotEquals => Operator::NotIn,
            Token::GreaterThan => Operator::GreaterThan,
            Token::LessThan => Operator::LessThan,
            _ => {
                return Err(format!(
                    "found '{literal}', expected: in, notin, =, ==, !=, gt, lt"
                ));
            }
        };
        self.position += 1;
        let values = if matches!(token, Token::In | Token::NotIn) {
            self.value_set()?
        } else {
            self.exact_value()?
        };
        let requirement = Requirement {
            key,
            operator,
            values: values.into_iter().collect(),
        };
        match requirement.value_faults() {
            faults if faults.is_empty() => Ok(requirement),
            faults if faults.len() == 1 => Err(faults.concat()),
            faults => Err(format!("[{}]", faults.join(", "))),
        }
    }

    fn value_set(&mut self) -> Result<BTreeSet<String>, String> {
        let (token, literal) = self.next_value();
        if token != Token::OpenPar {
            return Err(format!("found '{literal}' expected: '('"));
        }
        let (token, literal) = self.peek_value();
        match token {
            Token::Identifier | Token::Comma => {
                let values = self.identifiers()?;
                // `identifiers` only ends before the closing parenthesis.
                self.position += 1;
                Ok(values)
            }
            Token::ClosedPar => {
                self.position += 1;
                Ok(BTreeSet::from([String::new()]))
            }
            _ => Err(format!(
                "found '{literal}', expected: ',', ')' or identifier"
            )),
        }
    }

    fn identifiers(&mut self) -> Result<BTreeSet<String>, String> {
        let mut values = BTreeSet::new();
        loop {
            match self.next_value() {
                (Token::Identifier, literal) => {
                    values.insert(literal);
                    match self.peek_value() {
                        (Token::Comma, _) => {}
                        (Token::ClosedPar, _) => return Ok(values),
                        (_, literal) => {
                            return Err(format!("found '{literal}', expected: ',' or ')'"));
                        }
                    }
                }
                (Token::Comma, _) => {
                    let next = self.peek_value().0;
                    if values.is_empty() || matches!(next, Token::Comma | Token::ClosedPar) {
                        values.insert(String::new());
                    }
                    if next == Token::ClosedPar {
                        return Ok(values);
                    }
                }
                (_, literal) => {
                    return Err(format!("found '{literal}', expected: ',', or identifier"));
                }
            }
        }
    }

    fn exact_value(&mut self) -> Result<BTreeSet<String>, String> {
        if matches!(self.peek_value().0, Token::End | Token::Comma) {
            return Ok(BTreeSet::from([String::new()]));
        }
        match self.next_value() {
            (Token::Identifier, literal) => Ok(BTreeSet::from([literal])),
            (_, literal) => Err(format!("found '{literal}', expected: identifier")),
        }
    }
}

impl Requirement {
    fn value_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let compares = matches!(self.operator, Operator::GreaterThan | Operator::LessThan);
        for (index, value) in self.values.iter().enumerate() {
            if compares && value.parse::<i64>().is_err() {
                let rule = "for 'Gt', 'Lt' operators, the value must be an integer";
                faults.push(format!(
                    "values[{index}]: Invalid value: {}: {rule}",
                    Quoted(value)
                ));
            }
        }
        for (index, value) in self.values.iter().enumerate() {
            let rules = label_value_faults(value);
            if !rules.is_empty() {
                faults.push(format!(
                    "values[{index}][{}]: Invalid value: {}: {}",
                    self.key,
                    Quoted(value),
                    rules.join("; ")
                ));
            }
        }
        faults
    }
}
