//! Quantities of resources, such as `500m` of a processor or `1Gi` of memory: read, compared, added
//! and written exactly, never as floating-point numbers.
//!
//! The grammar, the limits and the canonical form are those of `resource.Quantity` of
//! k8s.io/apimachinery (`pkg/api/resource/quantity.go`): what is finer than 10⁻⁹ is rounded away from
//! zero, and binary quantities end at 2⁶³-1. Three of its accidents are left out: a suffix without
//! digits is no quantity here (its reader takes it for 0), nor is what goes beyond 10²⁹ (in decimal,
//! its reader knows no end), and 1000E is written as it is (its writer makes that 1).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

const NANOS: u128 = 1_000_000_000;

/// A thousandth.
const MILLI: i128 = 1_000_000;

/// The most that a binary quantity is, whatever its text says.
const BINARY_LIMIT: u128 = i64::MAX as u128 * NANOS;

/// A quantity, exact to 10⁻⁹.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    nanos: i128,
    form: Form,
}

/// How a quantity was written, and so will be again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `1500m`, `2G`
    Decimal = 0,
    /// `2e9`
    Exponent,
    /// `2Gi`
    Binary,
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self {
        nanos: 0,
        form: Form::Decimal,
    };

    /// So many.
    #[must_use]
    pub const fn whole(number: i64) -> Self {
        Self {
            nanos: number as i128 * NANOS as i128,
            form: Form::Decimal,
        }
    }

    /// Reads `<sign><digits>.<digits><suffix>`, where sign, suffix and one of the two groups of
    /// digits may be missing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (is_negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, rest) = digits(unsigned);
        let (fraction, suffix) = digits(rest.strip_prefix('.').unwrap_or(rest));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let unit = Unit::parse(suffix)?;
        let nanos = unit.nanos(whole, fraction);
        let (nanos, form) = match unit.form {
            Form::Binary => match nanos.map_or(BINARY_LIMIT, |nanos| nanos.min(BINARY_LIMIT)) {
                // As the API server does, so that less than one is not rounded up to one.
                nanos if nanos < NANOS => (nanos, Form::Decimal),
                nanos => (nanos, Form::Binary),
            },
            form => (nanos?, form),
        };
        let nanos = i128::try_from(nanos).ok()?;
        Some(Self {
            nanos: if is_negative { -nanos } else { nanos },
            form,
        })
    }

    /// The sum, unless it is larger than any quantity. It is written as `self` was, or as `other`
    /// if `self` is nothing.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            nanos: self.nanos.checked_add(other.nanos)?,
            form: if self.nanos == 0 {
                other.form
            } else {
                self.form
            },
        })
    }

    /// The average of so many that add up to it: to the thousandth, or of what is written in powers of
    /// two to the whole, rounded up.
    #[must_use]
    pub fn among(self, count: usize) -> Self {
        let unit = match self.form {
            Form::Binary => NANOS as i128,
            Form::Decimal | Form::Exponent => MILLI,
        };
        let each = i128::try_from(count).unwrap_or(i128::MAX).max(1);
        let units = self.nanos.div_euclid(each.saturating_mul(unit));
        let is_exact = units.checked_mul(each.saturating_mul(unit)) == Some(self.nanos);
        Self {
            nanos: (units + i128::from(!is_exact)).saturating_mul(unit),
            form: self.form,
        }
    }

    /// The nearest floating-point number, or one beside it: for bars and ratios, not for comparing.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        let nanos = NANOS as i128;
        (self.nanos / nanos) as f64 + (self.nanos % nanos) as f64 / NANOS as f64
    }

    /// The number and the suffix of the canonical form: no fraction, and the largest suffix.
    fn canonical(self) -> (u128, i32, Form) {
        let nanos = self.nanos.unsigned_abs();
        if nanos == 0 {
            return (0, 0, Form::Decimal);
        }
        if self.form == Form::Binary && nanos.is_multiple_of(NANOS) && nanos >= 1024 * NANOS {
            let (number, times) = without_factors(nanos / NANOS, 1024, 6);
            return (number, times, Form::Binary);
        }
        let (form, most) = match self.form {
            Form::Exponent => (Form::Exponent, i32::MAX),
            // `n` to `E`
            _ => (Form::Decimal, 9),
        };
        let (number, times) = without_factors(nanos, 1000, most);
        (number, 3 * (times - 3), form)
    }
}

/// The digits at the start of a text, and what follows them.
fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(end)
}

/// Divides as long as nothing remains, at most so many times.
fn without_factors(mut number: u128, factor: u128, most: i32) -> (u128, i32) {
    let mut times = 0;
    while times < most && number.is_multiple_of(factor) {
        number /= factor;
        times += 1;
    }
    (number, times)
}

/// What a suffix stands for: 10⁻⁹ · `scale` / 10^`shift`.
struct Unit {
    scale: u128,
    shift: u64,
    form: Form,
}

impl Unit {
    fn parse(suffix: &str) -> Option<Self> {
        let decimal = |power: u32| (10u128.pow(power), Form::Decimal);
        let binary = |power: u32| (NANOS << power, Form::Binary);
        let (scale, form) = match suffix {
            "n" => decimal(0),
            "u" => decimal(3),
            "m" => decimal(6),
            "" => decimal(9),
            "k" => decimal(12),
            "M" => decimal(15),
            "G" => decimal(18),
            "T" => decimal(21),
            "P" => decimal(24),
            "E" => decimal(27),
            "Ki" => binary(10),
            "Mi" => binary(20),
            "Gi" => binary(30),
            "Ti" => binary(40),
            "Pi" => binary(50),
            "Ei" => binary(60),
            _ => return Self::exponent(suffix),
        };
        Some(Self {
            scale,
            shift: 0,
            form,
        })
    }

    /// `e3`, `E-3`
    fn exponent(suffix: &str) -> Option<Self> {
        let power: i64 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
        let power = power.checked_add(9)?;
        Some(Self {
            scale: match u32::try_from(power) {
                Ok(power) => 10u128.checked_pow(power)?,
                Err(_) => 1,
            },
            shift: power.min(0).unsigned_abs(),
            form: Form::Exponent,
        })
    }

    /// So many units, in nanos, rounded up.
    fn nanos(&self, whole: &str, fraction: &str) -> Option<u128> {
        let mut nanos = 0u128;
        let mut is_exact = true;
        // From its last digit on: what each division leaves behind says whether anything is lost.
        for digit in fraction.bytes().rev() {
            let tenfold = self.scale.checked_mul(value(digit))?.checked_add(nanos)?;
            is_exact &= tenfold.is_multiple_of(10);
            nanos = tenfold / 10;
        }
        nanos = number(whole)?.checked_mul(self.scale)?.checked_add(nanos)?;
        for _ in 0..self.shift {
            if nanos == 0 {
                break;
            }
            is_exact &= nanos.is_multiple_of(10);
            nanos /= 10;
        }
        nanos.checked_add(u128::from(!is_exact))
    }
}

fn number(digits: &str) -> Option<u128> {
    digits.bytes().try_fold(0u128, |number, digit| {
        number.checked_mul(10)?.checked_add(value(digit))
    })
}

fn value(digit: u8) -> u128 {
    u128::from(digit.wrapping_sub(b'0'))
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl Hash for Quantity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.nanos.hash(state);
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The canonical form.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, power, form) = self.canonical();
        if self.nanos < 0 {
            f.write_str("-")?;
        }
        f.write_str(&digits_of(number))?;
        match form {
            Form::Exponent if power == 0 => Ok(()),
            Form::Exponent => write!(f, "e{power}"),
            Form::Decimal => f.write_str(suffix(
                &["n", "u", "m", "", "k", "M", "G", "T", "P", "E"],
                power / 3 + 3,
            )),
            Form::Binary => f.write_str(suffix(&["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"], power)),
        }
    }
}

/// By hand, because the standard library's way is one more for numbers of this size.
fn digits_of(mut number: u128) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.is_empty() {
        digits.push(char::from(b'0' + (number % 10) as u8));
        number /= 10;
    }
    digits.into_iter().rev().collect()
}

fn suffix(suffixes: &[&'static str], at: i32) -> &'static str {
    let suffix = usize::try_from(at).ok().and_then(|at| suffixes.get(at));
    suffix.copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
