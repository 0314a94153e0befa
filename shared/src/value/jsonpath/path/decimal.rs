//! Numbers compared as they are written, in decimal: nothing is rounded, and reading them as
//! floating-point numbers would bring tables of ten kilobytes into the page.

use std::cmp::Ordering;

/// A number: 0.`digits` · 10^`exponent`.
pub(super) struct Decimal {
    is_negative: bool,
    exponent: i64,
    /// Without zeros at either end; none for 0.
    digits: Vec<u8>,
}

impl Decimal {
    /// Reads a number as JSON writes it, and a little more.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
            None => (text, 0i64),
        };
        let unsigned = mantissa.trim_start_matches(['-', '+']);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let mut digits = [whole, fraction].concat().into_bytes();
        if mantissa.len() - unsigned.len() > 1
            || digits.is_empty()
            || !digits.iter().all(u8::is_ascii_digit)
        {
            return None;
        }
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        let places = i64::try_from(whole.len()).ok()? - i64::try_from(zeros).ok()?;
        Some(Self {
            is_negative: mantissa.starts_with('-') && !digits.is_empty(),
            exponent: if digits.is_empty() {
                i64::MIN
            } else {
                exponent.checked_add(places)?
            },
            digits,
        })
    }

    pub(super) fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative, other.is_negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (is_negative, _) => {
                let order = self
                    .exponent
                    .cmp(&other.exponent)
                    .then_with(|| self.digits.cmp(&other.digits));
                if is_negative { order.reverse() } else { order }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn order(left: &str, right: &str) -> Option<Ordering> {
        Some(Decimal::read(left)?.cmp(&Decimal::read(right)?))
    }

    #[test]
    fn what_is_written_in_another_way_is_equal() {
        for text in ["5", "5.0", "+5", "0.5e1", "500E-2", "05", "5."] {
            assert_eq!(order(text, "5"), Some(Ordering::Equal), "{text}");
        }
        for text in ["0", "-0", "0.00", "0e9", "-0e-9"] {
            assert_eq!(order(text, "0"), Some(Ordering::Equal), "{text}");
        }
    }

    #[test]
    fn no_digit_is_lost() {
        for (left, right) in [
            ("9007199254740992", "9007199254740993"),
            ("-1", "0"),
            ("0", "1e-999999999"),
            ("1e999999999", "1.0000001e999999999"),
            ("-2", "-1"),
            ("9", "10"),
            ("1.09", "1.1"),
        ] {
            assert_eq!(order(left, right), Some(Ordering::Less), "{left} < {right}");
            assert_eq!(
                order(right, left),
                Some(Ordering::Greater),
                "{left} < {right}"
            );
        }
    }

    #[test]
    fn what_is_no_number_has_no_order() {
        for text in [
            "",
            ".",
            "-",
            "e5",
            "1e",
            "--1",
            "1.2.3",
            "0x1",
            "1e5.5",
            "true",
            "NaN",
            "1e99999999999999999999",
        ] {
            assert_eq!(order(text, "1"), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_numbers(left in -1000i64..1000, right in -1000i64..1000, places in 0i64..4) {
            let text = |number: i64| format!("{number}e-{places}");
            prop_assert_eq!(order(&text(left), &text(right)), Some(left.cmp(&right)));
            let plain = (left as f64 / 8.0).to_string();
            prop_assert_eq!(order(&plain, &right.to_string()), (left as f64 / 8.0).partial_cmp(&(right as f64)));
        }
    }
}
