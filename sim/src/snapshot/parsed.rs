//! A snapshot's text, read back.
//!
//! Owns its grammar. Whatever a hand has made of a file, reading it never fails: lines that are no part of a snapshot are
//! kept as they are.

use super::marks::Marks;

/// The parts of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed<'t> {
    pub(super) head: &'t str,
    pub(super) rows: Vec<Row<'t>>,
    pub(super) digest: &'t str,
    pub(super) marks: Marks<'t>,
    /// What is no part of a snapshot.
    pub(super) strange: Vec<&'t str>,
}

/// A change of one device, or of many members of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row<'t> {
    /// The device or the fleet.
    pub(super) who: &'t str,
    /// How many members; nothing of a single device.
    pub(super) count: Option<&'t str>,
    /// Moment or window.
    pub(super) when: &'t str,
    pub(super) status: &'t str,
    pub(super) why: &'t str,
}

impl<'t> Parsed<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut parsed = Self::default();
        let mut is_among_marks = false;
        for line in text.lines() {
            if let Some(marks) = Marks::headed(line) {
                (parsed.marks, is_among_marks) = (marks, true);
            } else if is_among_marks && parsed.marks.read(line) {
            } else if let Some(head) = line.strip_prefix("# ").filter(|_| parsed.head.is_empty()) {
                parsed.head = head;
            } else if let Some(digest) = line.strip_prefix("digest ") {
                parsed.digest = digest;
            } else if let Some(row) = Row::of(line) {
                parsed.rows.push(row);
            } else {
                parsed.strange.push(line);
            }
        }
        parsed
    }
}

impl<'t> Row<'t> {
    /// Columns are at least two spaces apart; none has so many inside.
    fn of(line: &'t str) -> Option<Self> {
        let columns: Vec<&str> =
            line.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
        let is_number = |column: &str| column.bytes().all(|byte| byte.is_ascii_digit() || byte == b',');
        let (who, count, rest) = match columns.as_slice() {
            [who, count, rest @ ..] if is_number(count) => (*who, Some(*count), rest),
            [who, rest @ ..] => (*who, None, rest),
            [] => return None,
        };
        let is_time = |column: &str| column.starts_with(|c: char| c.is_ascii_digit() || c == '+');
        match rest {
            [when, status] if is_time(when) => Some(Self { who, count, when, status, why: "" }),
            [when, status, why] if is_time(when) => Some(Self { who, count, when, status, why }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: (&str, Option<&str>, &str, &str, &str)) {
        let row = Row::of(line).expect("a row");
        assert_eq!((row.who, row.count, row.when, row.status, row.why), expected);
    }

    #[test]
    fn rows_are_read_as_they_are_written() {
        check("home  200  700ms..1m           online", ("home", Some("200"), "700ms..1m", "online", ""));
        check("eu  2,000  0s  offline  heartbeat", ("eu", Some("2,000"), "0s", "offline", "heartbeat"));
        check(
            "a    10:52:00  offline  the 2m wait is over",
            ("a", None, "10:52:00", "offline", "the 2m wait is over"),
        );
        check("a    +1d 00:00:01  online  login", ("a", None, "+1d 00:00:01", "online", "login"));
    }

    #[test]
    fn what_is_no_row_is_kept() {
        let text = "# T · seed 1\nan odd line\n<<<<<<< ours\na  0s  online\nmarks of many\n";
        let parsed = Parsed::of(text);
        assert_eq!(parsed.strange, ["an odd line", "<<<<<<< ours", "marks of many"]);
        assert_eq!((parsed.head, parsed.rows.len()), ("T · seed 1", 1));
    }
}
