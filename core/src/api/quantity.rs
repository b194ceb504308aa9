//! Resource quantities: `250m`, `1.5`, `64Mi`, `2e3`. Upstream: `k8s.io/apimachinery/pkg/api/resource`.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// Σ of resource requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Thousandths of a core.
    pub cpu: i64,
    /// Bytes.
    pub memory: i64,
    /// Bytes of ephemeral storage.
    pub storage: i64,
    /// As `cpu`, with 100m for each container that asks for none (what scoring counts).
    pub nonzero_cpu: i64,
    /// As `memory`, with 200 MiB for each container that asks for none.
    pub nonzero_memory: i64,
}

impl Requests {
    /// `amount` of one resource; kinds of resources that nothing here counts are left out.
    pub fn of(resource: &str, amount: i64) -> Requests {
        match resource {
            "cpu" => Requests { cpu: amount, nonzero_cpu: amount, ..Requests::default() },
            "memory" => Requests { memory: amount, nonzero_memory: amount, ..Requests::default() },
            "ephemeral-storage" => Requests { storage: amount, ..Requests::default() },
            _ => Requests::default(),
        }
    }

    /// Adds `other`.
    pub fn add(&mut self, other: &Requests) {
        self.add_times(other, 1);
    }

    /// Adds `other` so many `times`; -1 takes it away.
    pub fn add_times(&mut self, other: &Requests, times: i64) {
        self.cpu += times * other.cpu;
        self.memory += times * other.memory;
        self.storage += times * other.storage;
        self.nonzero_cpu += times * other.nonzero_cpu;
        self.nonzero_memory += times * other.nonzero_memory;
    }

    /// Raises each amount to that of `other` where it is lower.
    pub fn raise_to(&mut self, other: &Requests) {
        self.cpu = self.cpu.max(other.cpu);
        self.memory = self.memory.max(other.memory);
        self.storage = self.storage.max(other.storage);
        self.nonzero_cpu = self.nonzero_cpu.max(other.nonzero_cpu);
        self.nonzero_memory = self.nonzero_memory.max(other.nonzero_memory);
    }
}

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

/// Why `text` is no quantity, in Go's words. Upstream: `parseQuantityString`.
#[inline(never)]
pub(crate) fn fault(text: &str) -> Option<&'static str> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_digit = |character: char| character.is_ascii_digit();
    let rest = unsigned.trim_start_matches(is_digit);
    let suffix = rest.strip_prefix('.').map_or(rest, |rest| rest.trim_start_matches(is_digit));
    let after = suffix.trim_start_matches(|character| "eEinumkKMGTP".contains(character));
    let after = after.strip_prefix(['+', '-']).unwrap_or(after).trim_start_matches(is_digit);
    if text.is_empty() || !after.is_empty() {
        return Some(
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        );
    }
    let exponent = suffix.strip_prefix(['e', 'E']).and_then(|exponent| exponent.parse::<i64>().ok());
    let is_known = decimal_power(suffix).is_some() || binary_power(suffix).is_some() || exponent.is_some();
    (!is_known).then_some("unable to parse quantity's suffix")
}

/// A suffix as multiplier and divisor.
fn scale(suffix: &str) -> Option<(i128, i128)> {
    if let Some(power) = binary_power(suffix) {
        return Some((1 << (10 * power), 1));
    }
    let written = || suffix.strip_prefix(['e', 'E'])?.parse().ok();
    let exponent = decimal_power(suffix).or_else(written)?;
    let power = 10i128.checked_pow(exponent.unsigned_abs()).filter(|_| exponent.unsigned_abs() <= 18)?;
    Some(if exponent < 0 { (1, power) } else { (power, 1) })
}

/// Bytes in the largest unit of which they are a whole number: `100Mi`, `8388609Ki`, `16106128000`.
pub fn binary(bytes: i64) -> String {
    let units = ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"];
    let is_whole = |power: &i64| bytes != 0 && bytes % (1 << (10 * power)) == 0;
    let whole = units.iter().zip((1..=6).rev()).find(|(_, power)| is_whole(power));
    whole.map_or_else(|| bytes.to_string(), |(unit, power)| format!("{}{unit}", bytes >> (10 * power)))
}

/// The power of ten that a decimal suffix stands for: `m` is -3, none is 0, `k` is 3.
pub(crate) fn decimal_power(suffix: &str) -> Option<i32> {
    let place =
        ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"].iter().position(|known| *known == suffix)?;
    Some(3 * (place as i32 - 3))
}

/// The power of 1024 that a binary suffix stands for: `Ki` is 1, `Mi` is 2.
pub(crate) fn binary_power(suffix: &str) -> Option<u32> {
    let place = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter().position(|known| *known == suffix)?;
    Some(place as u32 + 1)
}

fn div_up(value: i128, divisor: i128) -> i128 {
    value / divisor + i128::from(value % divisor > 0)
}

#[cfg(test)]
mod tests {
    use super::{binary, fault, thousandths};

    #[test]
    fn bytes_are_written_in_their_largest_whole_unit() {
        let written = [0, 512, 1024, 100 << 20, (8 << 30) + 1024, 16_106_128_000].map(binary);
        assert_eq!(written, ["0", "512", "1Ki", "100Mi", "8388609Ki", "16106128000"]);
    }

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

    #[test]
    fn suffixes_that_there_are_not_are_told_from_what_is_no_number() {
        assert_eq!(["250m", "1.5", "64Mi", "2e3", "1.", "-1", "Gi"].map(fault), [None; 7]);
        assert_eq!(fault("1K"), Some("unable to parse quantity's suffix"));
        assert_eq!(fault("1mi"), Some("unable to parse quantity's suffix"));
        for wrong in ["", "lots", "1MB", "1 Gi", "1,5", "0x10"] {
            assert!(fault(wrong).is_some_and(|said| said.starts_with("quantities must match")), "{wrong}");
        }
    }
}
