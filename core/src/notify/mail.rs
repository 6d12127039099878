//! One mail, by SMTP.

use std::fmt;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::response::{Code, Severity};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::reason;
use crate::notification::Undeliverable;
use crate::server::Undelivered;

/// Hands mails to a mail server.
#[derive(Clone)]
pub struct Mail {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Mails cannot be sent like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMail {
    /// The URL names no mail server.
    #[error("it is no URL such as smtps://USER:PASSWORD@HOST, or smtp://HOST?tls=required: {0}")]
    Server(String),
    /// The sender has no address.
    #[error("the sender {0} is no mail address")]
    Sender(Box<str>),
}

impl Mail {
    /// By the server that a URL names, from this sender.
    ///
    /// # Errors
    /// If the URL or the address is none.
    pub fn new(url: &str, from: &str) -> Result<Self, NotMail> {
        let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        if !matches!(scheme.as_deref(), Some("smtp" | "smtps")) {
            return Err(NotMail::Server("it begins with neither smtps:// nor smtp://".into()));
        }
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
        let server = server.map_err(|error| NotMail::Server(reason(&error)))?.build();
        Ok(Self { server, from: from.parse().map_err(|_| NotMail::Sender(from.into()))? })
    }

    /// Sends a mail under a key by which a repetition is known.
    pub(super) async fn send(
        &self,
        to: &str,
        key: &str,
        subject: String,
        text: String,
    ) -> Result<(), Undelivered> {
        let unreachable = |why: String| Undelivered::Unreachable(why);
        let to: Mailbox = to.parse().map_err(|_| Undelivered::Never(Undeliverable::WrongAddress))?;
        let message = Message::builder()
            .message_id(Some(format!("<blynk-sim-{key}@{}>", self.from.email.domain())))
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text)
            .map_err(|error| unreachable(error.to_string()))?;
        match self.server.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.status() {
                Some(code) => refused(code, &reason(&error)),
                None => unreachable(reason(&error)),
            }),
        }
    }
}

/// A refusal for good is final if it says that it is about the mail, or about whom it is for. It may as well be about us: a
/// server that does not know our password, or does not serve us yet, is perhaps mended soon.
fn refused(code: Code, words: &str) -> Undelivered {
    let told = format!("{code} {words}");
    if code.severity == Severity::PermanentNegativeCompletion && is_of_mail(words) {
        Undelivered::RefusedForGood(told)
    } else {
        Undelivered::Refused(told)
    }
}

/// Whether an answer begins with an enhanced code (RFC 3463) of the recipient's address or mailbox, or of the content.
fn is_of_mail(words: &str) -> bool {
    let mut parts = words.split(' ').next().unwrap_or_default().split('.');
    match (parts.next(), parts.next(), parts.next()) {
        // The last two are of the sender's address.
        (Some("5"), Some("1"), Some(detail)) => !["7", "8"].contains(&detail),
        (Some("5"), Some("2" | "6"), Some(_)) | (Some("5"), Some("3"), Some("4")) => true,
        _ => false,
    }
}

/// The URL holds a password.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("from", &self.from).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, from: &str, words: &str) {
        let error = Mail::new(url, from).expect_err("no mail can be sent like this").to_string();
        assert!(error.contains(words), "{error}");
    }

    #[test]
    fn a_server_and_a_sender_are_named_as_such() {
        assert!(Mail::new("smtps://ada:secret@mail.example.org", "blynk-sim <no-reply@example.org>").is_ok());
        assert!(Mail::new("smtp://127.0.0.1:25", "no-reply@example.org").is_ok());
        check("mail.example.org", "no-reply@example.org", "it is no URL such as smtps://");
        check(
            "imap://mail.example.org",
            "no-reply@example.org",
            "it begins with neither smtps:// nor smtp://",
        );
        check("SMTPS://127.0.0.1", "nobody", "the sender nobody is no mail address");
        check("smtp://127.0.0.1", "nobody", "the sender nobody is no mail address");
    }

    #[test]
    fn debug_does_not_show_the_password() {
        let mail = Mail::new("smtps://ada:secret@mail.example.org", "a@example.org").expect("a server");
        assert!(!format!("{mail:?}").contains("secret"), "{mail:?}");
    }
}
