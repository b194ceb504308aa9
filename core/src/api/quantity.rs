//! Resource quantities: `250m`, `1.5`, `64Mi`, `2e3`. Upstream: `k8s.io/apimachinery/pkg/api/resource`.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// A quantity as a whole number: cpu in thousandths of a core, everything else in its own unit, rounded up.
/// Text that is no quantity counts as 0 (validation has refused it already).
pub fn amount(resource: &str, quantity: &Quantity) -> i64 {
    let Some(thousandths) = thousandths(&quantity.0) else { return 0 };
    let value = if resource == "cpu" { thousandths } else { div_up(thousandths, 1000) };
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A quantity in thousandths of its unit, rounded up; `None` for text that is no quantity.
pub fn thousandths(text: &str) -> Option<i128> {
    let digits_end = text
        .find(|character: char| !(character.is_ascii_digit() || matches!(character, '.' | '+' | '-')))
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits_end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let negative = whole.starts_with('-');
    let whole_digits = whole.trim_start_matches(['+', '-']);
    if whole_digits.is_empty() && fraction.is_empty() || whole_digits.len() + fraction.len() > 18 {
        return None;
    }
    let mut digits: i128 = 0;
    for character in whole_digits.chars().chain(fraction.chars()) {
        digits = digits * 10 + i128::from(character.to_digit(10)?);
    }
    let (multiplier, divisor) = scale(suffix)?;
    let divisor = divisor.checked_mul(10i128.checked_pow(fraction.len() as u32)?)?;
    let value = div_up(digits.checked_mul(multiplier)?.checked_mul(1000)?, divisor);
    Some(if negative { -value } else { value })
}

/// A suffix as multiplier and divisor.
fn scale(suffix: &str) -> Option<(i128, i128)> {
    Some(match suffix {
        "" => (1, 1),
        "n" => (1, 1_000_000_000),
        "u" => (1, 1_000_000),
        "m" => (1, 1000),
        "k" => (1000, 1),
        "M" => (1_000_000, 1),
        "G" => (1_000_000_000, 1),
        "T" => (1_000_000_000_000, 1),
        "P" => (1_000_000_000_000_000, 1),
        "E" => (1_000_000_000_000_000_000, 1),
        "Ki" => (1 << 10, 1),
        "Mi" => (1 << 20, 1),
        "Gi" => (1 << 30, 1),
        "Ti" => (1 << 40, 1),
        "Pi" => (1 << 50, 1),
        "Ei" => (1 << 60, 1),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = 10i128.checked_pow(exponent.unsigned_abs()).filter(|_| exponent.abs() <= 18)?;
            if exponent < 0 { (1, power) } else { (power, 1) }
        }
    })
}

fn div_up(value: i128, divisor: i128) -> i128 {
    value / divisor + i128::from(value % divisor > 0)
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn suffixes_fractions_and_exponents_are_read() {
        assert_eq!(thousandths("250m"), Some(250));
        assert_eq!(thousandths("1.5"), Some(1500));
        assert_eq!(thousandths("64Mi"), Some(64 << 20).map(|bytes: i128| bytes * 1000));
        assert_eq!(thousandths("2e3"), Some(2_000_000));
        assert_eq!(thousandths("1n"), Some(1));
        assert_eq!(thousandths("-1"), Some(-1000));
        assert_eq!(thousandths("abc"), None);
        assert_eq!(thousandths("1Qi"), None);
    }
}
