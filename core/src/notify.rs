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

use crate::notification::{Channel, Notification, Undeliverable};
use crate::server::{Notifier, Undelivered};
pub use mail::{Mail, NotMail};
use post::Post;

/// Delivers notifications.
#[derive(Clone, Debug)]
pub struct Courier {
    post: Post,
    gateway: Option<Uri>,
    mail: Option<Mail>,
    origin: String,
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
    /// With the URL of a gateway, and a mail server, if there are such, and what the database is called that the
    /// notifications come from.
    ///
    /// # Errors
    /// If the URL is none.
    pub fn new(gateway: Option<&str>, mail: Option<Mail>, origin: String) -> Result<Self, NotAUrl> {
        Ok(Self { post: Post::new(), gateway: gateway.map(url).transpose()?, mail, origin })
    }

    /// By what a receiver knows a repetition, and takes nothing else for one: numbers begin anew in another database, and
    /// go back in one that was restored from a copy.
    fn key(&self, Notification { id, entered_at, .. }: &Notification) -> String {
        format!("{}-{}-{}", self.origin, id.0, entered_at.as_millis())
    }

    fn way(&self, notification: &Notification) -> Result<Way, Undelivered> {
        let address = notification.address.as_deref().unwrap_or_default();
        match (notification.channel, &self.mail) {
            (Channel::Webhook, _) => url(address)
                .map(Way::Request)
                .map_err(|NotAUrl(_)| Undelivered::Never(Undeliverable::WrongAddress)),
            (Channel::Email, Some(mail)) => Ok(Way::Mail(mail.clone())),
            (Channel::Email | Channel::Push | Channel::Sms, _) => {
                let gateway = self.gateway.clone().map(Way::Request);
                gateway.ok_or(Undelivered::Never(Undeliverable::NoGateway))
            }
        }
    }
}

impl Notifier for Courier {
    fn deliver(
        &mut self,
        notification: &Notification,
        device: &str,
    ) -> impl Future<Output = Result<(), Undelivered>> + Send + 'static {
        let (post, way, key) = (self.post.clone(), self.way(notification), self.key(notification));
        let address = notification.address.clone().unwrap_or_default();
        let (subject, text, body) =
            (subject(notification, device), text(notification, device), body(notification, device));
        async move {
            match way? {
                Way::Request(to) => post.send(to, key, body.to_string()).await,
                Way::Mail(mail) => mail.send(&address, &key, subject, text).await,
            }
        }
    }
}

/// Whether a webhook can be sent there.
pub(crate) fn is_url(text: &str) -> bool {
    url(text).is_ok()
}

/// What is beneath an error of a client library: itself, it says in which part of the library that was, or the same.
fn reason(error: &dyn std::error::Error) -> String {
    let below = std::iter::successors(error.source(), |error| error.source());
    below
        .map(ToString::to_string)
        .reduce(|text, below| format!("{text}: {below}"))
        .unwrap_or(error.to_string())
}

/// `http://` or `https://`, and a host.
fn url(text: &str) -> Result<Uri, NotAUrl> {
    let uri = text.parse::<Uri>().ok().filter(|uri| uri.host().is_some());
    let is_web = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https"));
    uri.filter(is_web).ok_or_else(|| NotAUrl(text.into()))
}

/// What people call the device.
fn name(notification: &Notification, device: &str) -> String {
    if device.is_empty() { format!("Device {}", notification.device.0) } else { device.into() }
}

/// What happened, in one line.
fn subject(notification: &Notification, device: &str) -> String {
    format!("{} is {}", name(notification, device), notification.label)
}

/// What the template says, or else what happened.
fn text(notification: &Notification, device: &str) -> String {
    notification.text.as_deref().map_or_else(|| subject(notification, device), str::to_owned)
}

fn body(notification: &Notification, name: &str) -> Value {
    let Notification { id, device, key, label, entered_at, channel, to, address, .. } = notification;
    json!({
        "id": id.0,
        "deviceId": device.0,
        "deviceName": self::name(notification, name),
        "status": { "key": key, "label": label },
        "enteredAt": entered_at.as_millis(),
        "channel": channel.name(),
        "to": to,
        "address": address,
        "text": text(notification, name),
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
            key: "offline".into(),
            label: "Gone".into(),
            entered_at: Instant::from_millis(5),
            channel,
            to: "owner".into(),
            address: Some(address.into()),
            text: None,
            limit: Duration::ZERO,
        }
    }

    fn check(gateway: Option<&str>, channel: Channel, address: &str, expected: Result<&str, &str>) {
        let courier = Courier::new(gateway, None, "0f".into()).expect("a URL");
        let told = |way| if let Way::Request(uri) = way { uri.to_string() } else { "a mail".into() };
        let way = courier.way(&notification(channel, address)).map(told).map_err(|error| error.to_string());
        assert_eq!(way, expected.map(String::from).map_err(String::from));
    }

    #[test]
    fn a_webhook_goes_to_its_own_url_and_the_rest_to_the_gateway() {
        check(None, Channel::Webhook, "http://a.example/x", Ok("http://a.example/x"));
        check(Some("http://g.example/"), Channel::Sms, "+49", Ok("http://g.example/"));
        check(None, Channel::Sms, "+49", Err("no try can reach it: no gateway for its channel is set up"));
        let wrong = "no try can reach it: its channel reaches no such address";
        check(None, Channel::Webhook, "ftp://a.example/", Err(wrong));
        assert_eq!(
            Courier::new(Some("gateway"), None, "0f".into()).map(drop),
            Err(NotAUrl("gateway".into()))
        );
    }

    #[test]
    fn a_key_is_of_one_notification_of_one_database() {
        let key = |origin: &str, notification: &Notification| {
            Courier::new(None, None, origin.into()).expect("no gateway is no mistake").key(notification)
        };
        let one = notification(Channel::Webhook, "http://a.example/");
        assert_eq!(key("0f", &one), "0f-7-5");
        assert_ne!(key("0e", &one), key("0f", &one));
        let after_a_restore = Notification { entered_at: Instant::from_millis(6), ..one.clone() };
        assert_ne!(key("0f", &after_a_restore), key("0f", &one));
    }

    #[test]
    fn a_notification_names_device_and_status_where_the_template_says_nothing() {
        let body = body(&notification(Channel::Webhook, "http://a.example/"), "");
        assert_eq!((&body["text"], &body["id"]), (&json!("Device 3 is Gone"), &json!(7)));
        assert_eq!(body["status"], json!({ "key": "offline", "label": "Gone" }));
    }
}
