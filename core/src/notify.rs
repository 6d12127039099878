//! Notifications that leave the house: as requests to URLs, and as mails.
//!
//! A `webhook` goes to its recipient's own URL, an `email` to a mail server if one is set up; what the other channels need,
//! a gateway at one URL is asked for. Owns what a request or a mail says. Does not decide what is owed or when it is tried
//! again: that is the [outbox](crate::outbox).

mod mail;
mod post;

use std::future::Future;

use axum::http::Uri;
use serde_json::{Value, json};

use crate::notification::{Channel, Notification};
use crate::server::{Notifier, Subject, Undelivered};
pub use mail::{Mail, NotMail};
use post::Post;

/// Delivers notifications.
#[derive(Clone, Debug)]
pub struct Courier {
    post: Post,
    gateway: Option<Uri>,
    mail: Option<Mail>,
}

/// How a notification leaves the house.
enum Way {
    Request(Uri),
    Mail(Mail),
}

/// The address is no URL that notifications can be sent to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no URL of http or https")]
pub struct NotAUrl(Box<str>);

impl Courier {
    /// With the URL of a gateway, and a mail server, if there are such.
    ///
    /// # Errors
    /// If the URL is none.
    pub fn new(gateway: Option<&str>, mail: Option<Mail>) -> Result<Self, NotAUrl> {
        Ok(Self { post: Post::new(), gateway: gateway.map(url).transpose()?, mail })
    }

    fn way(&self, notification: &Notification) -> Result<Way, Undelivered> {
        let address = notification.address.as_deref().unwrap_or_default();
        match (notification.channel, &self.mail) {
            (Channel::Webhook, _) => {
                url(address).map(Way::Request).map_err(|error| Undelivered::Unreachable(error.to_string()))
            }
            (Channel::Email, Some(mail)) => Ok(Way::Mail(mail.clone())),
            (Channel::Email | Channel::Push | Channel::Sms, _) => {
                self.gateway.clone().map(Way::Request).ok_or_else(|| {
                    let channel = notification.channel.name();
                    Undelivered::Unreachable(format!("no gateway for {channel} is set up"))
                })
            }
        }
    }
}

impl Notifier for Courier {
    fn deliver(
        &mut self,
        notification: &Notification,
        about: &Subject,
    ) -> impl Future<Output = Result<(), Undelivered>> + Send + 'static {
        let (post, way, id) = (self.post.clone(), self.way(notification), notification.id);
        let (address, key) = (notification.address.clone().unwrap_or_default(), mail_key(notification));
        let (subject, text, body) =
            (subject(notification, about), text(notification, about), body(notification, about));
        async move {
            match way? {
                Way::Request(to) => post.send(to, id.0, body.to_string()).await,
                Way::Mail(mail) => mail.send(&address, &key, subject, text).await,
            }
        }
    }
}

/// Mailboxes keep mails of many servers, whose numbers are the same.
fn mail_key(notification: &Notification) -> String {
    format!("{}-{}", notification.id.0, notification.entered_at.as_millis())
}

/// An error with what is beneath it: the upper ones say little.
fn reason(error: &dyn std::error::Error) -> String {
    let below = std::iter::successors(error.source(), |error| error.source());
    below.fold(error.to_string(), |text, below| format!("{text}: {below}"))
}

/// `http://` or `https://`, and a host.
fn url(text: &str) -> Result<Uri, NotAUrl> {
    let uri = text.parse::<Uri>().ok().filter(|uri| uri.host().is_some());
    let is_web = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https"));
    uri.filter(is_web).ok_or_else(|| NotAUrl(text.into()))
}

/// What people call the device.
fn name(notification: &Notification, about: &Subject) -> String {
    let device = notification.device.0;
    if about.device.is_empty() { format!("Device {device}") } else { about.device.to_string() }
}

/// What happened, in one line.
fn subject(notification: &Notification, about: &Subject) -> String {
    format!("{} is {}", name(notification, about), about.label)
}

/// What the template says, or else what happened.
fn text(notification: &Notification, about: &Subject) -> String {
    notification.text.as_deref().map_or_else(|| subject(notification, about), str::to_owned)
}

fn body(notification: &Notification, about: &Subject) -> Value {
    let Notification { id, device, entered_at, channel, to, address, .. } = notification;
    json!({
        "id": id.0,
        "deviceId": device.0,
        "deviceName": name(notification, about),
        "status": { "key": about.status, "label": about.label },
        "enteredAt": entered_at.as_millis(),
        "channel": channel.name(),
        "to": to,
        "address": address,
        "text": text(notification, about),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{DeviceId, NotificationId, StatusIndex};
    use crate::time::{Duration, Instant};

    fn notification(channel: Channel, address: &str) -> Notification {
        Notification {
            id: NotificationId(7),
            device: DeviceId(3),
            status: StatusIndex(1),
            entered_at: Instant::from_millis(5),
            channel,
            to: "owner".into(),
            address: Some(address.into()),
            text: None,
            limit: Duration::ZERO,
        }
    }

    fn check(gateway: Option<&str>, channel: Channel, address: &str, expected: Result<&str, &str>) {
        let courier = Courier::new(gateway, None).expect("a URL");
        let told = |way| if let Way::Request(uri) = way { uri.to_string() } else { "a mail".into() };
        let way = courier.way(&notification(channel, address)).map(told).map_err(|error| error.to_string());
        assert_eq!(way, expected.map(String::from).map_err(String::from));
    }

    #[test]
    fn a_webhook_goes_to_its_own_url_and_the_rest_to_the_gateway() {
        check(None, Channel::Webhook, "http://a.example/x", Ok("http://a.example/x"));
        check(Some("http://g.example/"), Channel::Sms, "+49", Ok("http://g.example/"));
        let nowhere = "the receiver cannot be reached: no gateway for sms is set up";
        check(None, Channel::Sms, "+49", Err(nowhere));
        let wrong = "the receiver cannot be reached: ftp://a.example/ is no URL of http or https";
        check(None, Channel::Webhook, "ftp://a.example/", Err(wrong));
        assert_eq!(Courier::new(Some("gateway"), None).map(drop), Err(NotAUrl("gateway".into())));
    }

    #[test]
    fn a_notification_names_device_and_status_where_the_template_says_nothing() {
        let about = Subject { device: "".into(), status: "offline".into(), label: "Gone".into() };
        let body = body(&notification(Channel::Webhook, "http://a.example/"), &about);
        assert_eq!((&body["text"], &body["id"]), (&json!("Device 3 is Gone"), &json!(7)));
    }
}
