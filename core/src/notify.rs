//! Notifications that leave the house: as requests to URLs.
//!
//! A `webhook` goes to its recipient's own URL; what the other channels need, a mail or a text message, a gateway at one URL
//! is asked for. Owns what a request says. Does not decide what is owed or when it is tried again: that is the
//! [outbox](crate::outbox).

mod post;

use std::future::Future;

use axum::http::Uri;
use serde_json::{Value, json};

use crate::notification::{Channel, Notification, Undeliverable};
use crate::server::{Notifier, Undelivered};
use post::Post;

/// Delivers notifications by HTTP.
#[derive(Clone, Debug)]
pub struct Web {
    post: Post,
    gateway: Option<Uri>,
    origin: String,
}

/// The address is no URL that notifications can be sent to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no URL of http or https")]
pub struct NotAUrl(Box<str>);

impl Web {
    /// With the URL of a gateway, if there is one, and what the database is called that the notifications come from.
    ///
    /// # Errors
    /// If the gateway's URL is none.
    pub fn new(gateway: Option<&str>, origin: String) -> Result<Self, NotAUrl> {
        Ok(Self { post: Post::new(), gateway: gateway.map(url).transpose()?, origin })
    }

    /// By what a receiver knows a repetition, and takes nothing else for one: numbers begin anew in another database, and
    /// go back in one that was restored from a copy.
    fn key(&self, Notification { id, entered_at, .. }: &Notification) -> String {
        format!("{}-{}-{}", self.origin, id.0, entered_at.as_millis())
    }

    /// Where a notification is sent.
    fn target(&self, notification: &Notification) -> Result<Uri, Undelivered> {
        let address = notification.address.as_deref().unwrap_or_default();
        match notification.channel {
            Channel::Webhook => url(address).map_err(|NotAUrl(_)| Undelivered::Never(Undeliverable::NotAUrl)),
            Channel::Email | Channel::Push | Channel::Sms => {
                self.gateway.clone().ok_or(Undelivered::Never(Undeliverable::NoGateway))
            }
        }
    }
}

impl Notifier for Web {
    fn deliver(
        &mut self,
        notification: &Notification,
        device: &str,
    ) -> impl Future<Output = Result<(), Undelivered>> + Send + 'static {
        let (post, target) = (self.post.clone(), self.target(notification));
        let (key, body) = (self.key(notification), body(notification, device));
        async move { post.send(target?, key, body.to_string()).await }
    }
}

/// Whether a webhook can be sent there.
pub(crate) fn is_url(text: &str) -> bool {
    url(text).is_ok()
}

/// `http://` or `https://`, and a host.
fn url(text: &str) -> Result<Uri, NotAUrl> {
    let uri = text.parse::<Uri>().ok().filter(|uri| uri.host().is_some());
    let is_web = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https"));
    uri.filter(is_web).ok_or_else(|| NotAUrl(text.into()))
}

fn body(notification: &Notification, name: &str) -> Value {
    let Notification { id, device, key, label, entered_at, channel, to, address, text, .. } = notification;
    let name = if name.is_empty() { format!("Device {}", device.0) } else { name.into() };
    let by_default = || format!("{name} is {label}");
    json!({
        "id": id.0,
        "deviceId": device.0,
        "deviceName": name,
        "status": { "key": key, "label": label },
        "enteredAt": entered_at.as_millis(),
        "channel": channel.name(),
        "to": to,
        "address": address,
        "text": text.as_deref().map_or_else(by_default, str::to_owned),
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
        let web = Web::new(gateway, "0f".into()).expect("a URL");
        let target = web.target(&notification(channel, address));
        let target = target.map(|uri| uri.to_string()).map_err(|error| error.to_string());
        assert_eq!(target, expected.map(String::from).map_err(String::from));
    }

    #[test]
    fn a_webhook_goes_to_its_own_url_and_the_rest_to_the_gateway() {
        check(None, Channel::Webhook, "http://a.example/x", Ok("http://a.example/x"));
        check(Some("http://g.example/"), Channel::Sms, "+49", Ok("http://g.example/"));
        check(None, Channel::Sms, "+49", Err("no try can reach it: no gateway for its channel is set up"));
        let wrong = "no try can reach it: its address is no URL of http or https";
        check(None, Channel::Webhook, "ftp://a.example/", Err(wrong));
        assert_eq!(Web::new(Some("gateway"), "0f".into()).map(drop), Err(NotAUrl("gateway".into())));
    }

    #[test]
    fn a_key_is_of_one_notification_of_one_database() {
        let key = |origin: &str, notification: &Notification| {
            Web::new(None, origin.into()).expect("no gateway is no mistake").key(notification)
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
