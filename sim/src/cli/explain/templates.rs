//! Templates that say more than a heartbeat and a chain.

use std::sync::Arc;

use blynk_core::command::Controls;
use blynk_core::lifecycle::{Look, Status, Template};
use blynk_core::notification::{Channel, Notify};

use crate::plan::Plan;

/// The lines of each such template that a device has.
pub(super) fn unusual(plan: &Plan) -> Vec<String> {
    let mut seen: Vec<&Arc<Template>> = Vec::new();
    for device in &plan.devices {
        if !seen.iter().any(|template| Arc::ptr_eq(template, &device.template)) {
            seen.push(&device.template);
        }
    }
    seen.into_iter().filter(|template| is_unusual(template)).flat_map(|template| lines(template)).collect()
}

fn is_unusual(template: &Template) -> bool {
    let usual = Template {
        name: template.name.clone(),
        heartbeat: template.heartbeat,
        ..Template::new("", template.chain.clone())
    };
    let plain = |status: &Status| *status == Status::new(status.key.as_str(), status.wait);
    *template != usual || !template.chain.iter().all(plain)
}

fn lines(template: &Template) -> Vec<String> {
    let Template { name, heartbeat, chain, contacts, offline_ignore } = template;
    let mut lines = vec![format!("{name}: heartbeat {heartbeat}, {chain}")];
    let width = chain.iter().map(|status| status.key.len()).max().unwrap_or(0);
    lines.extend(chain.iter().enumerate().map(|(place, status)| {
        let line = format!("  {:<width$}  {}", status.key, about(status, place).join(", "));
        line.trim_end().to_owned()
    }));
    lines.extend(contacts.iter().map(|(name, address)| format!("  {name} is {address}")));
    if !offline_ignore.is_zero() {
        lines.push(format!("  absences shorter than {offline_ignore} are left out of the timeline's view"));
    }
    lines
}

fn about(status: &Status, place: usize) -> Vec<String> {
    let Status { key: _, wait, look, notify, on_timeline, controls } = status;
    let Look { label, color, icon } = look;
    let mut about = Vec::new();
    about.extend((place > 0).then(|| format!("after {wait}")));
    about.extend(label.iter().map(|label| format!("called {label}")));
    about.extend(color.clone());
    about.extend(icon.iter().map(|icon| format!("icon {icon}")));
    about.extend((!on_timeline).then(|| "hidden from the timeline's view".to_owned()));
    about.extend(commands(*controls).map(str::to_owned));
    about.extend(notify.iter().map(notifies));
    about
}

const fn commands(controls: Controls) -> Option<&'static str> {
    match controls {
        Controls::Allow => None,
        Controls::Warn => Some("warns of commands"),
        Controls::Block => Some("blocks commands"),
    }
}

/// `notifies owner and installer by email, at most once in 1d`
fn notifies(notify: &Notify) -> String {
    let Notify { channels, to, text, limit, every } = notify;
    let channels: Vec<&str> = channels.iter().map(|channel: &Channel| channel.name()).collect();
    let who = format!("notifies {} by {}", to.join(" and "), channels.join(" and "));
    let every = (every.get() > 1).then(|| format!("on one of {every} entries"));
    let limit = (!limit.is_zero()).then(|| format!("at most once in {limit}"));
    let text = text.as_ref().map(|text| format!("saying {text:?}"));
    [Some(who), every, limit, text].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
