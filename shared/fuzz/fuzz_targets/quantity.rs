//! Whatever is read as a quantity is written so that it reads as the same, and sums are ordered.
#![no_main]

use k8kat::api::quantity::Quantity;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (one, other) = text.split_once(' ').unwrap_or((text, ""));
    let Some(one) = Quantity::parse(one) else {
        return;
    };
    let written = one.to_string();
    let again = Quantity::parse(&written);
    assert_eq!(again, Some(one));
    assert_eq!(again.map(|again| again.to_string()), Some(written));
    assert!(one.to_f64().is_finite());
    if let Some(other) = Quantity::parse(other)
        && let Some(sum) = one.checked_add(other)
    {
        assert_eq!(sum.cmp(&one), other.cmp(&Quantity::ZERO));
        assert_eq!(other.checked_add(one), Some(sum));
    }
});
