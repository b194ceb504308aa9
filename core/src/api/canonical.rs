//! Quantities as Go prints them: the API server stores what it decoded, not what was typed.
//! Upstream: `k8s.io/apimachinery/pkg/api/resource/quantity.go`.

use super::quantity::{binary_power, decimal_power};

/// Powers of ten of the finest amount there is, and of the finest that containers can be given.
const NANO: i32 = -9;
const MILLI: i32 = -3;

/// The canonical form of `text`: `0.5` as `500m`, `1024Mi` as `1Gi`, `1000m` as `1`.
///
/// `None` where it is canonical already, or is no quantity.
pub(crate) fn quantity(text: &str) -> Option<String> {
    at_most_as_fine_as(text, NANO)
}

/// The same, rounded up to thousandths, as amounts that containers ask for are. Upstream: `SetDefaults_ResourceList`.
pub(crate) fn rounded(text: &str) -> Option<String> {
    at_most_as_fine_as(text, MILLI)
}

fn at_most_as_fine_as(text: &str, finest: i32) -> Option<String> {
    let suffix_start = text.find(|character: char| character.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(suffix_start);
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !is_number || text.is_empty() || whole.len() + fraction.len() > 18 {
        return None;
    }
    // Go takes a suffix without a number for nothing at all.
    let value: i128 = format!("0{whole}{fraction}").parse().ok()?;
    let canonical = match binary_power(suffix) {
        Some(power) => binary(value, fraction.len() as u32, power, finest)?,
        None => decimal(value, decimal_exponent(suffix)? - fraction.len() as i32, suffix, finest)?,
    };
    let canonical = if value == 0 { "0".to_owned() } else { format!("{sign}{canonical}") };
    (canonical != text).then_some(canonical)
}

/// The power of ten that a decimal suffix or exponent stands for.
fn decimal_exponent(suffix: &str) -> Option<i32> {
    let written = || {
        suffix.strip_prefix(['e', 'E'])?.parse().ok().filter(|exponent: &i32| exponent.unsigned_abs() <= 18)
    };
    decimal_power(suffix).or_else(written)
}

/// A binary amount in its largest whole unit. Fractions of a byte turn the format decimal.
fn binary(value: i128, fraction_digits: u32, power: u32, finest: i32) -> Option<String> {
    let scaled = value.checked_mul(1024i128.checked_pow(power)?)?;
    let divisor = 10i128.checked_pow(fraction_digits)?;
    if scaled % divisor != 0 {
        return decimal(scaled, -(fraction_digits as i32), "", finest);
    }
    let mut amount = scaled / divisor;
    if amount < 1024 {
        return Some(amount.to_string());
    }
    let mut unit = 0;
    while unit < 6 && amount % 1024 == 0 {
        amount /= 1024;
        unit += 1;
    }
    Some(format!("{amount}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][unit]))
}

/// A decimal amount with the largest suffix that leaves no fraction.
fn decimal(value: i128, exponent: i32, suffix: &str, finest: i32) -> Option<String> {
    let (mut amount, mut exponent) = (value, exponent);
    if amount == 0 {
        return Some("0".to_owned());
    }
    while amount % 10 == 0 {
        amount /= 10;
        exponent += 1;
    }
    // What is finer rounds up.
    while exponent < finest {
        amount = amount / 10 + i128::from(amount % 10 > 0);
        exponent += 1;
    }
    while amount % 10 == 0 {
        amount /= 10;
        exponent += 1;
    }
    while exponent % 3 != 0 {
        amount = amount.checked_mul(10)?;
        exponent -= 1;
    }
    if suffix.starts_with(['e', 'E']) && suffix.len() > 1 {
        return Some(if exponent == 0 { amount.to_string() } else { format!("{amount}e{exponent}") });
    }
    while exponent > 18 {
        amount = amount.checked_mul(1000)?;
        exponent -= 3;
    }
    let name = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"][(exponent / 3 + 3) as usize];
    Some(format!("{amount}{name}"))
}

#[cfg(test)]
mod tests {
    use super::{quantity, rounded};

    #[test]
    fn amounts_are_printed_in_their_largest_whole_unit() {
        assert_eq!(quantity("0.5").as_deref(), Some("500m"));
        assert_eq!(quantity("1000m").as_deref(), Some("1"));
        assert_eq!(quantity("1024Mi").as_deref(), Some("1Gi"));
        assert_eq!(quantity("1.5Gi").as_deref(), Some("1536Mi"));
        assert_eq!(quantity("2000k").as_deref(), Some("2M"));
        assert_eq!(quantity("12e6").as_deref(), None);
        assert_eq!(quantity("0.0").as_deref(), Some("0"));
        assert_eq!(quantity("-0.25").as_deref(), Some("-250m"));
        assert_eq!(quantity("1536Mi"), None);
        assert_eq!(quantity("100"), None);
        assert_eq!(quantity("lots"), None);
        assert_eq!(quantity("Gi").as_deref(), Some("0"));
    }

    #[test]
    fn what_cannot_be_had_rounds_up() {
        assert_eq!(quantity("100u"), None);
        assert_eq!(rounded("100u").as_deref(), Some("1m"));
        assert_eq!(rounded("0.9999").as_deref(), Some("1"));
        assert_eq!(rounded("1.0001Ki").as_deref(), Some("1024103m"));
        assert_eq!(rounded("250m"), None);
    }
}
