//! Settings of the server that are not as always.

use blynk_core::settings::{Allowance, Settings, Takeover};

/// A line for each, spelt as in a file.
pub(super) fn unusual(settings: &Settings) -> Vec<String> {
    let usual = spelt(&Settings::default());
    let pairs = spelt(settings).into_iter().zip(usual).filter(|(is, usual)| is != usual);
    pairs.map(|((key, is), (_, usual))| format!("{key} {is} (default {usual})")).collect()
}

fn spelt(settings: &Settings) -> Vec<(&'static str, String)> {
    let Settings {
        allowance,
        takeover,
        login_timeout,
        connection_limit,
        connections_per_address,
        body_limit,
        messages_per_second,
        value_limit,
        restart_grace,
        login_failures_per_minute,
        failures_per_address,
        notifications_per_day,
        notification_gap,
        notification_tries,
        outbox_limit,
    } = settings;
    vec![
        ("allowance", allowance_name(*allowance).into()),
        ("takeover", takeover_name(*takeover).into()),
        ("login-timeout", login_timeout.to_string()),
        ("connection-limit", connection_limit.to_string()),
        ("connections-per-address", limit(*connections_per_address)),
        ("body-limit", body_limit.to_string()),
        ("messages-per-second", messages_per_second.to_string()),
        ("value-limit", value_limit.to_string()),
        ("restart-grace", restart_grace.map_or("one allowance".into(), |grace| grace.to_string())),
        ("login-failures-per-minute", login_failures_per_minute.to_string()),
        ("failures-per-address", limit(failures_per_address.map(u32::from))),
        ("notifications-per-day", notifications_per_day.to_string()),
        ("notification-gap", notification_gap.to_string()),
        ("notification-tries", notification_tries.to_string()),
        ("outbox-limit", outbox_limit.to_string()),
    ]
}

fn limit(most: Option<u32>) -> String {
    most.map_or("none".into(), |most| most.to_string())
}

const fn allowance_name(allowance: Allowance) -> &'static str {
    match allowance {
        Allowance::Iot => "iot",
        Allowance::Legacy => "legacy",
    }
}

const fn takeover_name(takeover: Takeover) -> &'static str {
    match takeover {
        Takeover::Accept => "accept",
        Takeover::Reject => "reject",
    }
}
