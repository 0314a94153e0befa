use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap_or_else(|| panic!("{text} is a quantity"))
}

/// Each text, what it is in units of 10⁻⁹, and its canonical form.
fn check(texts: &str, expected: Expect) {
    let lines = texts.split_whitespace().map(|text| {
        let read = Quantity::parse(text).map_or_else(
            || "none".to_owned(),
            |quantity| format!("{} {quantity}", quantity.nanos),
        );
        format!("{text}: {read}\n")
    });
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn whole_numbers_are_what_their_texts_are() {
    for number in [0, 1, -7, 1500, i64::MAX, i64::MIN] {
        let read = quantity(&number.to_string());
        let made = Quantity::whole(number);
        assert_eq!((made.nanos, made.form), (read.nanos, read.form), "{number}");
    }
}

#[test]
fn averages_and_keeps_many() {
    for (text, count, each) in [
        ("1", 3, "334m"),
        ("1500m", 1, "1500m"),
        ("1Gi", 2, "512Mi"),
        ("1Gi", 3, "357913942"),
        ("-1", 3, "-333m"),
        ("0", 7, "0"),
        ("5", 0, "5"),
    ] {
        let quantity = Quantity::parse(text).expect("it is one");
        assert_eq!(
            quantity.among(count).to_string(),
            each,
            "{text} among {count}"
        );
    }
}

#[test]
fn reads_and_writes_as_the_api_server() {
    check(
        "0 00.0 -0 0Ki 1 +5 -5 500m 1.5 0.5 .5 5. 1.5Gi 1Ki 1023Ki 1024Ki 1000 1500 1000k 0.1k 1e3 2E6 1e-3 1.5e1 12e6",
        expect![[r#"
            0: 0 0
            00.0: 0 0
            -0: 0 0
            0Ki: 0 0
            1: 1000000000 1
            +5: 5000000000 5
            -5: -5000000000 -5
            500m: 500000000 500m
            1.5: 1500000000 1500m
            0.5: 500000000 500m
            .5: 500000000 500m
            5.: 5000000000 5
            1.5Gi: 1610612736000000000 1536Mi
            1Ki: 1024000000000 1Ki
            1023Ki: 1047552000000000 1023Ki
            1024Ki: 1048576000000000 1Mi
            1000: 1000000000000 1k
            1500: 1500000000000 1500
            1000k: 1000000000000000 1M
            0.1k: 100000000000 100
            1e3: 1000000000000 1e3
            2E6: 2000000000000000 2e6
            1e-3: 1000000 1e-3
            1.5e1: 15000000000 15
            12e6: 12000000000000000 12e6
        "#]],
    );
}

#[test]
fn what_is_too_fine_is_rounded_away_from_zero() {
    check(
        "1n 0.1n -0.1n 1.0000000001 -1.0000000001 0.1Ki 0.0009765625Ki 0.001Ki 0.00000000000000000000000000000000000000001Ei 1e-100 123e-10",
        expect![[r#"
            1n: 1 1n
            0.1n: 1 1n
            -0.1n: -1 -1n
            1.0000000001: 1000000001 1000000001n
            -1.0000000001: -1000000001 -1000000001n
            0.1Ki: 102400000000 102400m
            0.0009765625Ki: 1000000000 1
            0.001Ki: 1024000000 1024m
            0.00000000000000000000000000000000000000001Ei: 1 1n
            1e-100: 1 1e-9
            123e-10: 13 13e-9
        "#]],
    );
}

#[test]
fn what_is_too_large_is_capped_in_binary_and_no_quantity_in_decimal() {
    check(
        "7Ei 8Ei -8Ei 99999999999999999999999999999999999999999999.5Ki 9223372036854775807 9223372036854775808 1000E 1e28 1e30 100000000000000000000000000000000 1e99999999999999999999",
        expect![[r#"
            7Ei: 8070450532247928832000000000 7Ei
            8Ei: 9223372036854775807000000000 9223372036854775807
            -8Ei: -9223372036854775807000000000 -9223372036854775807
            99999999999999999999999999999999999999999999.5Ki: 9223372036854775807000000000 9223372036854775807
            9223372036854775807: 9223372036854775807000000000 9223372036854775807
            9223372036854775808: 9223372036854775808000000000 9223372036854775808
            1000E: 1000000000000000000000000000000 1000E
            1e28: 10000000000000000000000000000000000000 10e27
            1e30: none
            100000000000000000000000000000000: none
            1e99999999999999999999: none
        "#]],
    );
}

#[test]
fn what_is_no_quantity() {
    for text in [
        "", "-", ".", "-.", "k", "Ki", "e3", "1e", "1ki", "1K", "1 k", " 1", "1 ", "1.2.3", "--1",
        "0x1", "1i", "1.5.Gi", "1e1.5", "1e3Ki", "1kk", "∞", "NaN", "١",
    ] {
        assert_eq!(Quantity::parse(text), None, "{text}");
    }
}

#[test]
fn a_sum_is_written_as_its_first_part_that_is_something() {
    let sum = |a: &str, b: &str| quantity(a).checked_add(quantity(b)).unwrap().to_string();
    assert_eq!(sum("1Gi", "512Mi"), "1536Mi");
    assert_eq!(sum("1G", "1Ki"), "1000001024");
    assert_eq!(sum("0", "1Ki"), "1Ki");
    assert_eq!(sum("1", "-1"), "0");
    assert_eq!(
        quantity("1e28").checked_add(quantity("170000000000E")),
        None
    );
}

/// The grammar's quantities of usual size, without rounding, beside what they are by definition.
fn usual() -> impl Strategy<Value = (String, i128)> {
    let units = [
        ("n", 1i128),
        ("u", 1000),
        ("m", 1_000_000),
        ("", 1_000_000_000),
        ("k", 1_000_000_000_000),
        ("e3", 1_000_000_000_000),
        ("Ki", 1_024_000_000_000),
        ("Mi", 1_048_576_000_000_000),
        ("G", 1_000_000_000_000_000_000),
        ("Gi", 1_073_741_824_000_000_000),
    ];
    (
        -9_999_999i64..9_999_999,
        0u32..4,
        prop::sample::select(units.to_vec()),
    )
        .prop_map(|(number, places, (suffix, unit))| {
            let power = 10i64.pow(places);
            let sign = if number < 0 { "-" } else { "" };
            let (whole, part) = (number.abs() / power, number.abs() % power);
            let text = match places {
                0 => format!("{sign}{whole}{suffix}"),
                places => format!(
                    "{sign}{whole}.{part:0width$}{suffix}",
                    width = places as usize
                ),
            };
            let exact = i128::from(number.abs()) * unit;
            let power = i128::from(power);
            let nanos = exact / power + i128::from(exact % power > 0);
            (text, if number < 0 { -nanos } else { nanos })
        })
}

proptest! {
    #[test]
    fn reads_what_the_text_means((text, nanos) in usual()) {
        prop_assert_eq!(quantity(&text).nanos, nanos, "{}", text);
    }

    #[test]
    fn the_order_is_that_of_the_numbers((a, left) in usual(), (b, right) in usual()) {
        prop_assert_eq!(quantity(&a).cmp(&quantity(&b)), left.cmp(&right));
        prop_assert_eq!(quantity(&a) == quantity(&b), left == right);
    }

    #[test]
    fn sums_are_exact((a, left) in usual(), (b, right) in usual()) {
        let sum = quantity(&a).checked_add(quantity(&b));
        prop_assert_eq!(sum.map(|sum| sum.nanos), Some(left + right));
    }

    #[test]
    fn the_canonical_form_reads_as_the_same(text in "[-+]?[0-9]{0,24}(\\.[0-9]{0,24})?([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]{1,2})?") {
        if let Some(read) = Quantity::parse(&text) {
            let written = read.to_string();
            prop_assert_eq!(quantity(&written), read, "{} as {}", text, &written);
            prop_assert_eq!(quantity(&written).to_string(), written);
        }
    }

    #[test]
    fn the_floating_point_number_is_near((text, nanos) in usual()) {
        let (near, exact) = (quantity(&text).to_f64(), nanos as f64 / 1e9);
        prop_assert!((near - exact).abs() <= exact.abs() * 1e-15, "{} is {}", text, near);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[-+.0-9eEinumkKMGTP]{0,60}|\\PC{0,9}") {
        let _ = Quantity::parse(&text).map(|quantity| quantity.to_string());
    }
}
