//! Templates: the long form of a chain, who is notified, and under which address.

use blynk_core::command::Controls;
use blynk_core::lifecycle::Template;
use blynk_core::notification::Channel;

use super::*;

/// The template of a file whose lifecycle has these statuses after `online`.
fn template(statuses: &str, more: &str) -> Template {
    let plan = plan(&format!(
        "scenario: T\ndevices: {{ a: }}\ntemplate:\n  lifecycle: [ online: , {statuses} ]\n{more}"
    ));
    Template::clone(&plan.devices[0].template)
}

const OFFLINE: &str = "offline: { after: 1m, notify: { channels: [email, sms], to: [owner, installer] } }";

#[test]
fn both_forms_of_a_chain_mean_the_same() {
    let short =
        plan("scenario: T\ntemplate: { lifecycle: online -0s-> standby -1d-> offline }\ndevices: { a: }");
    let long = template("standby: { after: 0s }, offline: { after: 1d }", "");
    assert_eq!(long, *short.devices[0].template);
}

#[test]
fn a_file_may_use_both_forms() {
    let plan = plan(
        "scenario: T\ntemplates: { long: { lifecycle: [ online: { label: On }, offline: { after: 2m } ] },
  short: { lifecycle: online -2m-> offline } }\ndevices: { a: { template: long }, b: { template: short } }",
    );
    let spelt = plan.devices.iter().map(|device| device.template.chain.to_string());
    assert_eq!(spelt.collect::<Vec<_>>(), ["online -2m-> offline", "online -2m-> offline"]);
}

#[test]
fn a_status_has_a_look_and_rules() {
    let template = template(
        "offline: { after: 1m, label: Gone, color: '#23C48e', icon: cloud_off, timeline: hide, controls: block }",
        "",
    );
    let offline = template.chain.iter().last().expect("a chain has a last status");
    assert_eq!((&*offline.label(), offline.look.color.as_deref()), ("Gone", Some("#23C48e")));
    assert_eq!((offline.look.icon.as_deref(), offline.on_timeline), (Some("cloud_off"), false));
    assert_eq!(offline.controls, Controls::Block);
}

#[test]
fn a_status_notifies_by_every_channel_and_to_everybody() {
    let template = template(
        "offline: { after: 1m, notify: { channels: [push, webhook], to: [owner], text: Gone!, limit: 1d, every: 5 } }",
        "",
    );
    let notify = template.chain.iter().last().and_then(|status| status.notify.clone()).expect("it notifies");
    assert_eq!(
        (notify.channels, notify.to),
        (vec![Channel::Push, Channel::Webhook], vec!["owner".to_owned()])
    );
    assert_eq!((notify.text.as_deref(), notify.limit, notify.every.get()), (Some("Gone!"), Duration::DAY, 5));
}

#[test]
fn without_contacts_everybody_can_be_reached() {
    let contacts = template(OFFLINE, "").contacts;
    let spelt: Vec<String> = contacts.iter().map(|(name, address)| format!("{name}: {address}")).collect();
    assert_eq!(spelt, ["installer: installer@example.com", "owner: owner@example.com"]);
}

#[test]
fn with_contacts_only_those_count() {
    let contacts =
        |text: &str| template(OFFLINE, &format!("  contacts: {text}\n  offline-ignore: 1m")).contacts;
    assert!(contacts("{}").is_empty());
    let one = contacts("{ owner: 'https://example.com/hook?x=1' }");
    assert_eq!(
        one.into_iter().collect::<Vec<_>>(),
        [("owner".into(), "https://example.com/hook?x=1".into())]
    );
    assert_eq!(contacts("{ owner: +15550100, installer: me@home.example }").len(), 2);
}

#[test]
fn a_device_has_contacts_of_its_own() {
    let plan = plan("scenario: T\ndevices: { a: { contacts: { owner: a@b.c } } }");
    assert_eq!(plan.devices[0].contacts["owner"], "a@b.c");
    assert!(plan.devices[0].template.contacts.is_empty());
}

#[test]
fn a_device_of_its_own_contacts_needs_none_of_its_templates() {
    let check = |devices: &str, warnings: usize| {
        let text = format!(
            "scenario: T\ntemplate:\n  contacts: {{}}\n  lifecycle: [ online: , {OFFLINE} ]
expect: {{ all: {{}} }}\ndevices: {devices}"
        );
        assert_eq!(said(&text).len(), warnings, "{devices}");
    };
    check("{ a: }", 2);
    check("{ a: { contacts: { owner: a@b.c } } }", 1);
    check("{ a: { contacts: { owner: a@b.c, installer: a@b.c } } }", 0);
    check("{ a: { contacts: { owner: a@b.c, installer: a@b.c } }, b: }", 2);
}

#[test]
fn short_absences_can_be_left_out_of_the_view() {
    assert_eq!(
        template("offline: { after: 1m }", "  offline-ignore: 90s").offline_ignore,
        Duration::from_secs(90)
    );
}
