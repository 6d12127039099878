//! What operators see and change by HTTP.

use blynk_core::protocol::Answer;
use blynk_core::settings::Settings;
use blynk_core::time::Duration;
use serde_json::{Value, json};

use crate::client::{Client, announcement, login, ping, write};
use crate::network::{Network, Pipes};
use crate::postman::Receiver;
use crate::requests::{error, path};
use crate::world::{LAMP, OPERATOR, PUMP, STRANGER, World, token};

on_every_network! {
    every_path_of_operators_wants_their_proof
    a_device_is_shown_with_both_facts
    a_device_over_http_is_not_told_to_have_closed_a_connection
    a_device_that_is_busy_has_a_past_all_the_same
    a_live_session_without_a_heartbeat_of_its_own_follows_its_template
    devices_are_listed_searched_and_counted
    a_new_device_logs_in_with_its_token
    a_replaced_token_ends_its_session
    a_removed_device_is_gone_with_all_that_was_kept
    a_template_is_removed_when_no_device_follows_it
    a_device_is_renamed
    a_template_is_made_and_followed
    a_changed_template_applies_at_once
    a_template_that_somebody_else_changed_is_not_overwritten_unseen
    what_is_wrong_with_a_template_is_named
    the_longest_template_fits_and_what_is_shown_can_be_put_back
    a_timeline_tells_the_newest_first
    what_is_asked_of_nothing_says_so
    notifications_are_told_with_what_became_of_them
    a_try_that_failed_says_what_it_met
    a_dead_letter_is_tried_again_and_a_delivered_one_is_not
    a_full_outbox_takes_no_dead_letter_back
    events_are_told_as_they_happen
    a_stream_of_events_ends_when_the_server_stops
    the_page_is_served
}

const API: &str = "/api/v1/organization";

impl<N: Network> World<N> {
    /// Asks as an operator.
    async fn operate(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let length = body.len();
        let (status, text) = self
            .ask(&format!(
                "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {OPERATOR}\r\n\
                 content-length: {length}\r\n\r\n{body}"
            ))
            .await;
        let value = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") };
        (status, value)
    }

    async fn see(&self, path: &str) -> Value {
        let (status, value) = self.operate("GET", &format!("{API}/{path}"), "").await;
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    /// The newest notification of these.
    async fn letter(&self, which: &str) -> Value {
        self.see(&format!("notifications?{which}")).await["content"][0].take()
    }

    pub(crate) async fn put_template(&self, template: &Value) -> (u16, Value) {
        self.operate("PUT", &format!("{API}/template"), &template.to_string()).await
    }

    /// Every line of the lamp's timeline, the newest first: kind and text.
    async fn lines(&self) -> Vec<String> {
        let timeline = self.see("device/timeline?deviceId=0").await;
        let lines = timeline["content"].as_array().expect("a list").iter();
        lines.map(|line| format!("{}: {}", text(&line["kind"]), text(&line["text"]))).collect()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

async fn every_path_of_operators_wants_their_proof<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let (status, document) = world.get("/api/openapi.json").await;
    assert_eq!(status, 200);
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let mut tried = 0;
    for (path, operations) in paths.iter().filter(|(path, _)| path.starts_with("/api/v1/")) {
        for method in operations.as_object().expect("operations").keys() {
            let method = method.to_uppercase();
            let ask = |proof: &str| {
                let head = format!("{method} {path}?deviceId=0 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
                format!("{head}{proof}content-length: 2\r\n\r\n{{}}")
            };
            assert_eq!(world.ask(&ask("")).await.0, 401, "{method} {path}");
            let of_a_device = format!("authorization: Bearer {}\r\n", token(LAMP).as_str());
            assert_eq!(world.ask(&ask(&of_a_device)).await.0, 401, "{method} {path}");
            tried += 1;
        }
    }
    assert!(tried >= 14, "{tried}");
    assert!(paths.contains_key("/external/api/isHardwareConnected"));
}

async fn a_device_is_shown_with_both_facts<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let shown = world.see("device?deviceId=0").await;
    assert_eq!((&shown["connection"]["state"], &shown["status"]), (&json!("never"), &Value::Null));
    let mut lamp = world.log_in(LAMP).await;
    lamp.check(&[write(2), ping(3)].concat(), 3, Answer::OK).await;
    let shown = world.see("device?deviceId=0").await;
    assert_eq!(shown["connection"]["state"], "connected");
    assert_eq!((&shown["status"]["key"], &shown["next"]), (&json!("online"), &Value::Null));
    assert_eq!(
        (&shown["values"]["V1"], &shown["lifecycleStatus"]["name"]),
        (&json!("22.5"), &json!("Online"))
    );
    assert_eq!(shown["token"], token(LAMP).as_str());
    lamp.finish().await;
    lamp.sees_fin().await;
    let shown = world.see("device?deviceId=0").await;
    assert_eq!(
        (&shown["connection"]["state"], &shown["connection"]["reason"]),
        (&json!("disconnected"), &json!("closed"))
    );
    assert_eq!((&shown["status"]["key"], &shown["next"]["key"]), (&json!("online"), &json!("offline")));
    let due = shown["next"]["at"].as_u64().expect("an instant");
    assert_eq!(due, shown["connection"]["at"].as_u64().expect("an instant") + 60_000);
    assert_eq!(world.operate("GET", &format!("{API}/device?deviceId=2"), "").await.0, 404);
}

async fn a_device_over_http_is_not_told_to_have_closed_a_connection<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let shown = async || {
        let shown = world.see("device?deviceId=0").await["connection"].take();
        assert_eq!(world.see("devices").await["content"][0]["connection"], shown);
        (text(&shown["state"]).to_owned(), text(&shown["reason"]).to_owned(), text(&shown["why"]).to_owned())
    };
    let told = |reason: &str, why: &str| ("disconnected".to_owned(), reason.to_owned(), why.to_owned());
    let reported = told("reported", "it sent data over HTTP, without a connection");
    assert_eq!(world.get(&(path("update", LAMP) + "&V1=22.5")).await.0, 200);
    assert_eq!(shown().await, reported);
    let mut lamp = world.log_in(LAMP).await;
    lamp.finish().await;
    lamp.sees_fin().await;
    assert_eq!(shown().await, told("closed", "the device closed the connection"));
    assert_eq!(world.get(&(path("update", LAMP) + "&V1=22.5")).await.0, 200);
    assert_eq!(shown().await, reported);
}

async fn a_device_that_is_busy_has_a_past_all_the_same<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.check(&announcement(2, 60), 2, Answer::OK).await;
    for _ in 0..205 {
        assert_eq!(world.order("command", LAMP, r#"{"pin":"V1","value":"5"}"#).await.0, 200);
    }
    let shown = world.see("device?deviceId=0").await;
    assert!(shown["connectTime"].is_u64() && shown["connectTime"] == shown["connection"]["since"], "{shown}");
    assert_eq!((&shown["hardwareInfo"], &shown["disconnectTime"]), (&json!("1.4.0"), &Value::Null));
    assert_eq!(shown["firstConnectTime"], shown["connectTime"]);
}

async fn devices_are_listed_searched_and_counted<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let _lamp = world.log_in(LAMP).await;
    let check = async |query: &str, expected: &[u64]| {
        let list = world.see(&format!("devices?{query}")).await;
        let ids = list["content"].as_array().expect("a list").iter().map(|device| device["id"].as_u64());
        assert_eq!(
            ids.collect::<Vec<_>>(),
            expected.iter().copied().map(Some).collect::<Vec<_>>(),
            "{query}"
        );
        list
    };
    let list = check("", &[0, 1]).await;
    assert_eq!((&list["statuses"][0]["count"], &list["statuses"][1]["count"]), (&json!(1), &json!(1)));
    check("status=online", &[0]).await;
    check("status=new", &[1]).await;
    check("search=DEVICE%201", &[1]).await;
    check("search=sens", &[0, 1]).await;
    check("search=nothing", &[]).await;
    let list = check("page=1&size=1", &[1]).await;
    assert_eq!(list["totalElements"], 2);
    for wrong in ["size=0", "size=501", "page=-1", "page=x", "page=99999999999"] {
        assert_eq!(world.operate("GET", &format!("{API}/devices?{wrong}"), "").await.0, 400, "{wrong}");
    }
}

async fn a_new_device_logs_in_with_its_token<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let given = format!(r#"{{"name":"Fan","templateName":"sensor","token":"{}"}}"#, token(STRANGER).as_str());
    let (status, created) = world.operate("POST", &format!("{API}/device"), &given).await;
    assert_eq!((status, &created["id"]), (201, &json!(2)));
    let _fan = world.log_in(STRANGER).await;
    assert_eq!(world.see("device?deviceId=2").await["name"], "Fan");
    assert_eq!(world.operate("POST", &format!("{API}/device"), &given).await.0, 409);
    let (status, drawn) =
        world.operate("POST", &format!("{API}/device"), r#"{"templateName":"sensor"}"#).await;
    assert_eq!((status, text(&drawn["token"]).len()), (201, 32));
    let no_template = world.operate("POST", &format!("{API}/device"), r#"{"templateName":"none"}"#).await;
    assert_eq!(no_template.0, 404);
    let short = r#"{"templateName":"sensor","token":"short"}"#;
    assert_eq!(world.operate("POST", &format!("{API}/device"), short).await.0, 400);
}

async fn a_replaced_token_ends_its_session<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    let (status, renewed) = world.operate("POST", &format!("{API}/device/token?deviceId=0"), "").await;
    assert_eq!(status, 200);
    lamp.sees_fin().await;
    let mut old = world.connect().await;
    old.check(&login(LAMP), 1, Answer::INVALID_TOKEN).await;
    let path = format!("/external/api/isHardwareConnected?token={}", text(&renewed["token"]));
    assert_eq!(world.get(&path).await, (200, "false".into()));
    assert_eq!(world.lines().await[0], "closed: its token was replaced: connection closed");
}

async fn a_removed_device_is_gone_with_all_that_was_kept<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    world.order("command", LAMP, r#"{"pin":"V1","value":"1"}"#).await;
    let mut events = world.events("").await;
    let mut lamp = world.log_in(LAMP).await;
    events.reads_until("\"text\":\"login\"").await;
    let remove = async || world.operate("DELETE", &format!("{API}/device?deviceId=0"), "").await;
    assert_eq!(remove().await.0, 200);
    lamp.sees_fin().await;
    events.reads_until("event: device\ndata: {\"deviceId\":0}").await;
    let mut again = world.connect().await;
    again.check(&login(LAMP), 1, Answer::INVALID_TOKEN).await;
    assert_eq!(remove().await.0, 404);
    for path in ["device?deviceId=0", "device/online?deviceId=0"] {
        assert_eq!(world.operate("GET", &format!("{API}/{path}"), "").await.0, 404, "{path}");
    }
    let list = world.see("devices").await;
    assert_eq!((&list["totalElements"], &list["content"][0]["id"]), (&json!(1), &json!(1)));
    assert!(world.get("/metrics").await.1.contains("\nblynk_closes_total{reason=\"removed\"} 1\n"));
    let (_, created) = world.operate("POST", &format!("{API}/device"), r#"{"templateName":"sensor"}"#).await;
    assert_eq!(created["id"], 2);
}

async fn a_template_is_removed_when_no_device_follows_it<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    world.put_template(&template("meter", &[("offline", 60)])).await;
    let remove = async |name: &str| {
        let (status, said) = world.operate("DELETE", &format!("{API}/template?name={name}"), "").await;
        (status, said["error"]["message"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(remove("meter").await.0, 200);
    assert_eq!(remove("meter").await, (404, "Template meter is not found.".into()));
    let (status, why) = remove("sensor").await;
    assert_eq!(status, 409);
    assert!(why.starts_with("Template sensor cannot be removed: 2 devices follow it."), "{why}");
    assert_eq!(world.see("templates").await.as_array().map(Vec::len), Some(1));
}

async fn a_device_is_renamed<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let rename = async |body: &str| world.operate("PATCH", &format!("{API}/device?deviceId=0"), body).await.0;
    assert_eq!(rename(r#"{"name":" Desk lamp "}"#).await, 200);
    assert_eq!(world.see("device?deviceId=0").await["name"], "Desk lamp");
    assert_eq!(rename(r#"{"contacts":{"other":"a@b.c"}}"#).await, 200);
    let shown = world.see("device?deviceId=0").await;
    assert_eq!((&shown["name"], &shown["contacts"]["other"]), (&json!("Desk lamp"), &json!("a@b.c")));
    // Its template tells the owner by webhook.
    assert_eq!(rename(r#"{"contacts":{"owner":"a@b.c"}}"#).await, 400);
    assert_eq!(rename(r#"{"name":"two\nlines"}"#).await, 400);
    assert_eq!(rename(r#"{"nam":"typo"}"#).await, 400);
}

/// A chain of online and these, each so many seconds after the one before.
fn template(name: &str, statuses: &[(&str, u64)]) -> Value {
    let statuses = statuses.iter().map(|(key, after)| json!({ "key": key, "after": after }));
    let chain: Vec<_> = [json!({ "key": "online" })].into_iter().chain(statuses).collect();
    json!({ "name": name, "statuses": chain })
}

async fn a_template_is_made_and_followed<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    assert_eq!(world.put_template(&template("meter", &[("standby", 30), ("offline", 60)])).await.0, 200);
    let shown = world.see("template?name=meter").await;
    assert_eq!((&shown["heartbeat"], &shown["devices"]), (&json!(45), &json!(0)));
    let moved = r#"{"templateName":"meter"}"#;
    assert_eq!(world.operate("PATCH", &format!("{API}/device?deviceId=0"), moved).await.0, 200);
    assert_eq!(world.see("template?name=meter").await["devices"], 1);
    world.get(&(path("update", LAMP) + "&V1=1")).await;
    assert_eq!(world.see("device?deviceId=0").await["next"]["key"], "standby");
    assert_eq!(world.see("templates").await.as_array().map(Vec::len), Some(2));
}

/// The pump announced a heartbeat, the lamp did not.
async fn a_live_session_without_a_heartbeat_of_its_own_follows_its_template<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let (_lamp, mut pump) = (world.log_in(LAMP).await, world.log_in(PUMP).await);
    pump.check(&announcement(2, 60), 2, Answer::OK).await;
    let mut fast = template("sensor", &[("offline", 60)]);
    fast["heartbeat"] = json!(1);
    assert_eq!(world.put_template(&fast).await.0, 200);
    assert_eq!(world.see("device?deviceId=0").await["allowance"], 2);
    assert_eq!(world.see("device?deviceId=1").await["allowance"], 90);
    let changed = world.clock.now();
    world.let_time_pass();
    let (at, close) = world.closed(LAMP).await;
    assert_eq!(close.reason.name(), "heartbeat");
    let took = at.since(changed);
    assert!(took <= Duration::from_secs(2) && took > Duration::SECOND, "{took}");
    pump.check(&ping(3), 3, Answer::OK).await;
}

async fn a_changed_template_applies_at_once<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    world.get(&(path("update", LAMP) + "&V1=1")).await;
    let set = r#"{"status":"retired"}"#;
    assert_eq!(world.order("status", LAMP, set).await.0, 200);
    assert_eq!(world.put_template(&template("sensor", &[("offline", 60), ("gone", 60)])).await.0, 200);
    assert_eq!(world.see("device?deviceId=0").await["status"]["key"], "gone");
    let timeline = world.see("device/timeline?deviceId=0").await;
    let lines = &timeline["content"];
    assert_eq!((&lines[0]["to"]["key"], &lines[0]["text"]), (&json!("gone"), &json!("the template changed")));
    // What was recorded of a chain is shown by that, also when the chain is shorter.
    assert_eq!(world.put_template(&template("sensor", &[("offline", 60)])).await.0, 200);
    let lines = &world.see("device/timeline?deviceId=0").await["content"];
    assert_eq!((&lines[1]["to"]["key"], &lines[1]["hidden"]), (&json!("gone"), &json!(false)));
}

async fn a_template_that_somebody_else_changed_is_not_overwritten_unseen<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let head = |method: &str, query: &str, headers: &str| {
        format!(
            "{method} {API}/template{query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {OPERATOR}\r\n{headers}"
        )
    };
    let edition = async || {
        let mut client = world.connect().await;
        client.send((head("GET", "?name=sensor", "") + "\r\n").as_bytes()).await;
        let answer = client.rest().await;
        answer.lines().find_map(|line| line.strip_prefix("etag: ")).expect("an edition").to_owned()
    };
    let put = async |headers: &str, template: &Value| {
        let body = template.to_string();
        let length = format!("content-length: {}\r\n\r\n", body.len());
        world.ask(&(head("PUT", "", headers) + &length + &body)).await
    };
    let [one, other] = [60, 70].map(|wait| template("sensor", &[("offline", wait)]));
    let seen = format!("if-match: {}\r\n", edition().await);
    assert_eq!(put(&seen, &one).await, (200, String::new()));
    let changed = error("Template sensor was changed or removed meanwhile: look at it again.");
    assert_eq!(put(&seen, &other).await, (412, changed));
    assert_eq!(world.see("template?name=sensor").await["statuses"][1]["after"], 60);
    let again = format!("if-match: {}\r\n", edition().await);
    assert_ne!(again, seen);
    assert_eq!(put(&again, &other).await.0, 200);
    // Without a condition, it is as whoever says it last.
    assert_eq!(put("", &one).await.0, 200);
    let taken = error("Template sensor is there already.");
    assert_eq!(put("if-none-match: *\r\n", &other).await, (412, taken));
    assert_eq!(put("if-none-match: *\r\n", &template("meter", &[("offline", 60)])).await.0, 200);
    assert_eq!(put("if-match: *\r\n", &template("none", &[("offline", 60)])).await.0, 412);
}

async fn what_is_wrong_with_a_template_is_named<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let check = async |template: Value, message: &str| {
        assert_eq!(
            world.put_template(&template).await,
            (400, serde_json::from_str(&error(message)).expect("JSON"))
        );
    };
    check(template("x", &[("standby", 1)]), "Wrong statuses: a chain needs an `offline` status.").await;
    check(template("", &[("offline", 1)]), "Wrong name: a template needs one.").await;
    check(
        template("x", &[("off line", 1), ("offline", 1)]),
        "Wrong statuses[1].key: a key is 1 to 40 letters, digits, `-` and `_`.",
    )
    .await;
    check(
        template("x", &[("offline", u64::MAX)]),
        "Wrong statuses[1].after: it is longer than a hundred years.",
    )
    .await;
    let mut silent = template("x", &[("offline", 1)]);
    silent["statuses"][1]["notify"] = json!({ "channels": [], "to": ["owner"] });
    check(silent.clone(), "Wrong statuses[1].notify.channels: name at least one, and each once.").await;
    silent["statuses"][1]["notify"] = json!({ "channels": ["pigeon"], "to": ["owner"] });
    assert_eq!(world.put_template(&silent).await.0, 400);
    silent["statuses"][1]["notify"] = json!({ "channels": ["webhook"], "to": ["owner"] });
    silent["contacts"] = json!({ "owner": "owner@example.org" });
    let wrong =
        "Wrong contacts.owner: it is told by webhook, so its address has to be a URL of http or https.";
    check(silent, wrong).await;
    check(
        template("x", &[("new", 1), ("offline", 1)]),
        "Wrong statuses[1].key: `new` is what devices are that were never seen.",
    )
    .await;
    let mut fast = template("x", &[("offline", 1)]);
    fast["heartbeat"] = json!(0);
    check(fast, "Wrong heartbeat: it is 1 to 86400 seconds.").await;
    assert_eq!(world.see("templates").await.as_array().map(Vec::len), Some(1));
}

async fn the_longest_template_fits_and_what_is_shown_can_be_put_back<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut long = template("long", &[("offline", 60)]);
    let contacts = (0..100).map(|number| (format!("c{number}"), json!("\u{1f4a1}".repeat(1_000))));
    long["contacts"] = Value::Object(contacts.collect());
    assert_eq!(world.put_template(&long).await.0, 200);
    let mut shown = world.see("template?name=long").await;
    shown["heartbeat"] = json!(10);
    assert_eq!(world.put_template(&shown).await.0, 200);
    assert_eq!(world.see("template?name=long").await["heartbeat"], 10);
    // One byte too many, so that nothing is left unread.
    let long = long.to_string();
    let too_long = " ".repeat(2_097_153 - long.len()) + &long;
    let (status, refusal) = world.operate("PUT", &format!("{API}/template"), &too_long).await;
    assert_eq!((status, text(&refusal["error"]["message"])), (413, "The body is longer than 2097152 bytes."));
}

async fn a_timeline_tells_the_newest_first<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.finish().await;
    lamp.sees_fin().await;
    let lines = world.lines().await;
    assert_eq!((&*lines[0], &*lines[1]), ("closed: the device closed the connection", "status: login"));
    assert!(lines[2].starts_with("login: logged in from 127.0.0.1:"), "{lines:?}");
    let page = world.see("device/timeline?deviceId=0&page=1&size=2").await;
    assert_eq!((&page["totalElements"], &page["content"][0]["kind"]), (&json!(3), &json!("login")));
    assert_eq!(page["content"].as_array().map(Vec::len), Some(1));
}

async fn what_is_asked_of_nothing_says_so<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let check = async |path: &str, status: u16, message: &str| {
        let refused = (status, json!({ "error": { "message": message } }));
        assert_eq!(world.operate("GET", &format!("{API}/{path}"), "").await, refused);
    };
    let (big, huge) = ("Wrong size: 501 is not a size from 1 to 500.", "99999999999");
    check("devices?size=501", 400, big).await;
    let page = format!("Wrong page: {huge} is not a page from 0 to 4294967295.");
    check(&format!("device/timeline?deviceId=0&page={huge}"), 400, &page).await;
    check("notifications?dead=maybe", 400, "Wrong dead: maybe is not `true` or `false`.").await;
    let nope = "No template has a status nope; there are: new, offline, online, retired.";
    check("devices?status=nope", 400, nope).await;
    for path in ["notifications", "events"] {
        check(&format!("{path}?deviceId=77"), 404, "Device with identifier 77 is not found.").await;
    }
}

async fn notifications_are_told_with_what_became_of_them<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    world.get(&(path("update", LAMP) + "&V1=1")).await;
    world.order("status", LAMP, r#"{"status":"retired"}"#).await;
    let letters = world.see("notifications?deviceId=0").await;
    let letter = &letters["content"][0];
    assert_eq!((&letter["status"]["key"], &letter["to"]), (&json!("retired"), &json!("owner")));
    assert_eq!(world.see("notifications?dead=true").await["totalElements"], 0);
    assert_eq!(world.see("notifications?deviceId=1").await["totalElements"], 0);
}

async fn a_try_that_failed_says_what_it_met<N: Network>() {
    let settings = Settings { notification_tries: 2, ..Settings::default() };
    let mut world = World::<N>::start_with(settings, [Receiver::Refuses, Receiver::SaysNothing]).await;
    world.retire().await;
    let mut owed = world.letter("deviceId=0").await;
    while owed["failedTries"] == 0 {
        owed = world.letter("deviceId=0").await;
    }
    assert_eq!(
        (&owed["stage"], &owed["failedTries"], &owed["lastFailure"]),
        (&json!("owed"), &json!(1), &json!("answered not now"))
    );
    world.let_time_pass();
    world.buried().await;
    let dead = world.letter("dead=true").await;
    assert_eq!(
        (&dead["reason"], &dead["why"], &dead["lastFailure"]),
        (&json!("tries"), &json!("every try failed"), &json!("no answer in 10s"))
    );
    let told = "notified: owner will not be told of Retired by webhook: every try failed; the last try: no answer in 10s";
    assert_eq!(world.lines().await[0], told);
}

async fn a_dead_letter_is_tried_again_and_a_delivered_one_is_not<N: Network>() {
    let settings = Settings { notification_tries: 1, ..Settings::default() };
    let mut world = World::<N>::start_with(settings, [Receiver::Refuses]).await;
    let retry = async |world: &World<N>, which: &str| {
        let (status, told) = world.operate("POST", &format!("{API}/notification/retry?{which}"), "").await;
        let message = told["message"].as_str().or(told["error"]["message"].as_str());
        (status, message.unwrap_or_default().to_owned())
    };
    world.retire().await;
    world.buried().await;
    let moved = r#"{"contacts":{"owner":"https://example.org/new"}}"#;
    assert_eq!(world.operate("PATCH", &format!("{API}/device?deviceId=0"), moved).await.0, 200);
    assert_eq!(retry(&world, "notificationId=1").await, (200, "It is tried now.".into()));
    world.delivered().await;
    let (first, second) = (world.tried().await, world.tried().await);
    assert_eq!((first.id, second.address.as_deref()), (second.id, Some("https://example.org/new")));
    assert_eq!(world.letter("deviceId=0").await["stage"], "delivered");
    let (conflict, missing) =
        ("Notification 1 was delivered.", "Notification with identifier 2 is not found.");
    assert_eq!(retry(&world, "notificationId=1").await, (409, conflict.into()));
    assert_eq!(retry(&world, "notificationId=2").await, (404, missing.into()));
    assert_eq!(retry(&world, "").await, (400, "No notificationId provided.".into()));
    for wrong in ["-1", "x", "9223372036854775808", "99999999999999999999"] {
        let expected = (400, format!("Wrong notificationId: {wrong} is not the number of a notification."));
        assert_eq!(retry(&world, &format!("notificationId={wrong}")).await, expected);
    }
}

async fn a_full_outbox_takes_no_dead_letter_back<N: Network>() {
    let settings = Settings { outbox_limit: 0, ..Settings::default() };
    let mut world = World::<N>::start(settings).await;
    world.retire().await;
    world.buried().await;
    let path = format!("{API}/notification/retry?notificationId=1");
    let (status, told) = world.operate("POST", &path, "").await;
    let full = "The outbox is full: as many notifications are owed as may be.";
    assert_eq!((status, &told["error"]["message"]), (503, &json!(full)));
}

impl<N: Network> World<N> {
    /// A stream of events, of which the head was read.
    async fn events(&self, query: &str) -> Client<N::Stream> {
        let mut stream = self.connect().await;
        let head = format!(
            "GET {API}/events{query} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {OPERATOR}\r\n\r\n"
        );
        stream.send(head.as_bytes()).await;
        stream.reads_until(": hello\n\n").await;
        stream
    }
}

async fn events_are_told_as_they_happen<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let (mut all, mut of_pump) = (world.events("").await, world.events("?deviceId=1").await);
    let _lamp = world.log_in(LAMP).await;
    let told = all.reads_until("\"text\":\"login\"").await;
    assert!(told.contains("event: entry\ndata: {\"deviceId\":0,\"line\":{"), "{told}");
    let _pump = world.log_in(PUMP).await;
    let told = of_pump.reads_until("\"text\":\"login\"").await;
    assert!(!told.contains("\"deviceId\":0"), "{told}");
}

async fn a_stream_of_events_ends_when_the_server_stops<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let mut events = world.events("").await;
    world.stop();
    assert_eq!(events.rest().await.trim(), "0");
    world.ended().await.expect("the store works");
}

async fn the_page_is_served<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let (status, page) = world.get("/").await;
    assert!(status == 200 && page.starts_with("<!doctype html>"), "{page}");
    let files = page.split('"').filter(|text| text.starts_with("/page/"));
    for file in files.collect::<Vec<_>>() {
        assert_eq!(world.get(file).await.0, 200, "{file}");
    }
}

/// Every text of a document, and what it is.
fn texts(value: &Value) -> Vec<(&str, &str)> {
    match value {
        Value::Object(fields) => {
            let own = fields.iter().filter_map(|(name, value)| Some((&**name, value.as_str()?)));
            own.chain(fields.values().flat_map(texts)).collect()
        }
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// What describes the API is made of what is written for those who read the source.
#[tokio::test(start_paused = true)]
async fn the_document_of_the_api_refers_to_nothing_in_the_source() {
    let world = World::<Pipes>::start(Settings::default()).await;
    let document: Value = serde_json::from_str(&world.get("/api/openapi.json").await.1).expect("JSON");
    let is_link = |text: &str| {
        let in_brackets = text.split('[').skip(1);
        in_brackets.filter_map(|rest| rest.chars().next()).any(|c| c.is_alphabetic() || c == '`' || c == '_')
    };
    let mut texts = texts(&document);
    texts.retain(|(what, _)| ["summary", "description"].contains(what));
    for (what, text) in &texts {
        assert!(!is_link(text) && !text.contains("::"), "{text}");
        assert!(*what != "summary" || !text.contains('\n'), "a summary is a line: {text}");
    }
    assert!(texts.len() > 100, "{}", texts.len());
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_metrics_the_devices_are_looked_at_once_a_second() {
    let world = World::<Pipes>::start(Settings::default()).await;
    let connected = async || {
        let (_, metrics) = world.get("/metrics").await;
        let line = metrics.lines().find_map(|line| line.strip_prefix("blynk_devices_connected "));
        line.expect("a number").to_owned()
    };
    assert_eq!(connected().await, "0");
    let _lamp = world.log_in(LAMP).await;
    assert_eq!(connected().await, "0");
    world.pass(Duration::SECOND).await;
    assert_eq!(connected().await, "1");
}

/// Only in paused time is no time.
#[tokio::test(start_paused = true)]
async fn a_reader_of_events_who_takes_nothing_is_given_up() {
    let world = World::<Pipes>::start(Settings::default()).await;
    let mut events = world.events("").await;
    // A pipe holds little, and the server's buffer not much more.
    for _ in 0..200 {
        world.get(&(path("update", LAMP) + "&V1=1")).await;
    }
    world.pass(Duration::from_secs(30)).await;
    let told = events.rest().await;
    assert!(told.len() < 100_000, "{}", told.len());
}

#[tokio::test(start_paused = true)]
async fn a_stream_about_a_quiet_device_is_kept_while_others_are_busy() {
    let world = World::<Pipes>::start(Settings::default()).await;
    let mut events = world.events("?deviceId=0").await;
    for _ in 0..30 {
        world.get(&(path("update", PUMP) + "&V1=1")).await;
        world.pass(Duration::SECOND).await;
    }
    let _lamp = world.log_in(LAMP).await;
    events.reads_until("\"text\":\"login\"").await;
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_of_events_is_kept() {
    let world = World::<Pipes>::start(Settings::default()).await;
    let mut events = world.events("").await;
    for _ in 0..20 {
        events.reads_until(": still here\n\n").await;
    }
    let _lamp = world.log_in(LAMP).await;
    events.reads_until("\"text\":\"login\"").await;
}
