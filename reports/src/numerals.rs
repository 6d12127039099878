//! Numbers, and lists that are too long, as people write them.

/// `1 device`, `5,000 devices`.
pub fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// `5,000`
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `a, b, c, d, e and 7 more`
pub fn some(names: &[&str]) -> String {
    const NAMED: usize = 5;
    match names.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {} more", names[..NAMED].join(", "), grouped(more as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_as_people_write_them() {
        assert_eq!(count(1, "device"), "1 device");
        assert_eq!(count(0, "change"), "0 changes");
        assert_eq!(count(999, "change"), "999 changes");
        assert_eq!(count(1_234_567, "change"), "1,234,567 changes");
    }
}
