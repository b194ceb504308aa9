//! A quantity as Go prints its inside: most fit into 64 bits and a power of ten, the rest are decimals of any size;
//! and some remember the text they were read from.
//!
//! ```text
//! {i:(resource.int64Amount){value:(int64)500 scale:(resource.Scale)-3} d:… s:(string)500m Format:…DecimalSI}
//! ```
//!
//! Upstream: `ParseQuantity` in `k8s.io/apimachinery/pkg/api/resource/quantity.go`.

use std::fmt;

use crate::api::quantity::{binary_power, decimal_power};

/// Prints the quantity that `text` stands for; the zero one for none.
pub(super) fn write(out: &mut impl fmt::Write, text: Option<&str>) -> fmt::Result {
    let parsed = text.and_then(parse).unwrap_or_default();
    let Parsed { value, scale, decimal, remembered, format } = parsed;
    write!(out, "{{i:(resource.int64Amount){{value:(int64){value} scale:(resource.Scale){scale}}} ")?;
    out.write_str("d:(resource.infDecAmount){Dec:(*inf.Dec)")?;
    match decimal {
        None => out.write_str("<nil>")?,
        Some(decimal) => decimal.write(out)?,
    }
    write!(out, "}} s:(string){remembered} Format:(resource.Format){format}}}")
}

/// The parts of Go's `resource.Quantity`.
#[derive(Default)]
struct Parsed<'a> {
    value: i64,
    scale: i32,
    decimal: Option<Decimal>,
    remembered: &'a str,
    format: &'static str,
}

/// Go's `inf.Dec`: `unscaled` / 10^9.
struct Decimal {
    negative: bool,
    unscaled: u128,
}

/// The digits after the point that a large quantity keeps.
const DECIMAL_SCALE: usize = 9;
/// The digits that surely fit into 64 bits. Upstream: `maxInt64Factors`.
const DIGITS_THAT_FIT: usize = 18;

impl Decimal {
    fn write(&self, out: &mut impl fmt::Write) -> fmt::Result {
        let (low, high) = (self.unscaled as u64, (self.unscaled >> 64) as u64);
        write!(out, "{{unscaled:(big.Int){{neg:(bool){} abs:(big.nat)", self.negative)?;
        match (low, high) {
            (0, 0) => out.write_str("<nil>")?,
            (low, 0) => write!(out, "[{low}]")?,
            (low, high) => write!(out, "[{low} {high}]")?,
        }
        write!(out, "}} scale:(inf.Scale){DECIMAL_SCALE}}}")
    }
}

/// A quantity's text in pieces.
struct Pieces<'a> {
    negative: bool,
    /// Digits before the point, without leading zeros.
    whole: &'a str,
    /// Digits after it.
    fraction: &'a str,
    suffix: Suffix,
}

/// What a suffix multiplies by.
#[derive(Clone, Copy)]
enum Suffix {
    /// Two to this power.
    Binary(u32),
    /// Ten to this power, in this format.
    Decimal(i32, &'static str),
}

fn parse(text: &str) -> Option<Parsed<'_>> {
    if text == "0" {
        return Some(Parsed { remembered: text, format: "DecimalSI", ..Parsed::default() });
    }
    let pieces = pieces(text)?;
    Some(small(&pieces, text).unwrap_or_else(|| large(&pieces)))
}

fn pieces(text: &str) -> Option<Pieces<'_>> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits.find(|character: char| !character.is_ascii_digit() && character != '.');
    let (number, suffix) = digits.split_at(end.unwrap_or(digits.len()));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    Some(Pieces { negative, whole, fraction, suffix: read_suffix(suffix)? })
}

fn read_suffix(suffix: &str) -> Option<Suffix> {
    if let Some(exponent) = decimal_power(suffix) {
        return Some(Suffix::Decimal(exponent, "DecimalSI"));
    }
    if let Some(power) = binary_power(suffix) {
        return Some(Suffix::Binary(10 * power));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    Some(Suffix::Decimal(exponent, "DecimalExponent"))
}

/// A quantity that surely fits into 64 bits. It remembers its text where that is likely the canonical one.
fn small<'a>(pieces: &Pieces<'_>, text: &'a str) -> Option<Parsed<'a>> {
    let digits = format!("{}{}", pieces.whole, pieces.fraction);
    let (fits, scale, multiplier, format) = match pieces.suffix {
        Suffix::Decimal(exponent, format) => (digits.len() <= DIGITS_THAT_FIT, exponent, 1, format),
        Suffix::Binary(power) => {
            // A power of two has about three decimal digits for each ten of its exponent.
            let digits_needed = pieces.whole.len() + (power * 3 / 10) as usize + 1;
            let fits = pieces.fraction.is_empty() && digits_needed <= 15;
            (fits, 0, 1_i64.checked_shl(power).filter(|_| power < 63)?, "BinarySI")
        }
    };
    let scale = scale - pieces.fraction.len() as i32;
    if !fits || scale < -(DECIMAL_SCALE as i32) {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    let value = number.checked_mul(multiplier)?;
    let is_canonical = match pieces.suffix {
        Suffix::Binary(_) => number % 8 != 0,
        Suffix::Decimal(..) => scale % 3 == 0 && !digits.ends_with("000") && !digits.starts_with('0'),
    };
    Some(Parsed {
        value: if pieces.negative { -value } else { value },
        scale,
        decimal: None,
        remembered: if is_canonical { text } else { "" },
        format,
    })
}

/// A quantity that may not fit into 64 bits: rounded up to a billionth, binary ones at most 2^63 - 1.
fn large(pieces: &Pieces<'_>) -> Parsed<'static> {
    const ONE: u128 = 1_000_000_000;
    const MOST: u128 = i64::MAX as u128 * ONE;
    let digits = format!("{}{}", pieces.whole, pieces.fraction);
    let number: u128 = digits.parse().unwrap_or(MOST);
    let (multiplier, exponent, mut format) = match pieces.suffix {
        Suffix::Binary(power) => (1_u128 << power, 0, "BinarySI"),
        Suffix::Decimal(exponent, format) => (1, exponent, format),
    };
    let shift = DECIMAL_SCALE as i32 + exponent - pieces.fraction.len() as i32;
    let power = 10_u128.checked_pow(shift.unsigned_abs()).unwrap_or(u128::MAX);
    let product = number.saturating_mul(multiplier);
    let mut unscaled = if shift >= 0 { product.saturating_mul(power) } else { product.div_ceil(power) };
    if format == "BinarySI" {
        unscaled = unscaled.min(MOST);
        if (1..ONE).contains(&unscaled) {
            format = "DecimalSI";
        }
    }
    let decimal = Decimal { negative: pieces.negative && unscaled > 0, unscaled };
    Parsed { value: 0, scale: 0, decimal: Some(decimal), remembered: "", format }
}

#[cfg(test)]
mod tests {
    #[test]
    fn quantities_that_fit_into_64_bits_are_whole_numbers_and_the_rest_decimals() {
        let printed = |text: &str| {
            let mut out = String::new();
            super::write(&mut out, Some(text)).unwrap();
            out
        };
        let inside = |value: &str, decimal: &str, end: &str| {
            format!(
                "{{i:(resource.int64Amount){{{value}}} d:(resource.infDecAmount){{Dec:(*inf.Dec){decimal}}} {end}}}"
            )
        };
        assert_eq!(
            printed("1536Mi"),
            inside(
                "value:(int64)1610612736 scale:(resource.Scale)0",
                "<nil>",
                "s:(string) Format:(resource.Format)BinarySI"
            )
        );
        assert_eq!(
            printed("1e3"),
            inside(
                "value:(int64)1 scale:(resource.Scale)3",
                "<nil>",
                "s:(string)1e3 Format:(resource.Format)DecimalExponent"
            )
        );
        // 10^5 GiB = 107374182400000 bytes; in billionths it takes two words.
        assert_eq!(
            printed("100000Gi"),
            inside(
                "value:(int64)0 scale:(resource.Scale)0",
                "{unscaled:(big.Int){neg:(bool)false abs:(big.nat)[14131891010409594880 5820]} scale:(inf.Scale)9}",
                "s:(string) Format:(resource.Format)BinarySI"
            )
        );
    }
}
