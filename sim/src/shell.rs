//! Command lines that people paste into a shell.

use std::borrow::Cow;

/// A path as one word, and none that is taken for a flag.
pub(crate) fn word(path: &str) -> Cow<'_, str> {
    let path = if path.starts_with('-') { Cow::Owned(format!("./{path}")) } else { Cow::Borrowed(path) };
    match shlex::try_quote(&path) {
        Ok(Cow::Owned(quoted)) => Cow::Owned(quoted),
        // Nothing is to be quoted, or it cannot be said at all.
        Ok(Cow::Borrowed(_)) | Err(_) => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word() {
        assert_eq!(word("scenarios/4-wifi_loss.yaml"), "scenarios/4-wifi_loss.yaml");
        assert_eq!(word("sp ace/a.yaml"), "'sp ace/a.yaml'");
        assert_eq!(word("-dash.yaml"), "./-dash.yaml");
        assert_eq!(shlex::split(&word("it's $x `y`.yaml")), Some(vec!["it's $x `y`.yaml".to_owned()]));
    }
}
