//! Options of `serve`: a flag goes before the environment, that before the file, and that before the default.

use std::fmt;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU16, NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use blynk_core::settings::{Allowance, Settings, Takeover};
use blynk_core::store::Retention;
use blynk_core::time::Duration;
use clap::ValueEnum;
use serde::Deserialize;
use serde::de::Error;
use tracing_subscriber::filter::LevelFilter;

use super::Failure;
use crate::cli::Exit;
use crate::scenario::duration;

/// The port that devices of the product use.
const PORT: u16 = 8080;

/// And with TLS.
const TLS_PORT: u16 = 9443;

/// The database, where nothing else is said.
const DATABASE: &str = "blynk-sim.db";

/// The longest body that the protocol's length field is used for.
const LONGEST_BODY: u16 = 32_768;

/// More than any machine has cores for.
const MOST_THREADS: usize = 1_024;

/// One a second: somebody may have mistyped a token, and nobody is served worse for it.
const FAILURES_PER_ADDRESS: u16 = 60;

/// What is said on the command line alone, and what may also stand in the file.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// A file in TOML with any of these options, under their names.
    #[arg(long, value_name = "FILE", env = "BLYNK_SIM_CONFIG")]
    config: Option<PathBuf>,
    /// Copies the database to a new file, also while a server uses it, and ends.
    #[arg(long, value_name = "FILE")]
    backup: Option<PathBuf>,
    /// Replaces the operators' token of a database that is there, prints the new one, and serves. Another server that
    /// uses the database has to be stopped first.
    #[arg(long)]
    new_admin_token: bool,
    #[command(flatten)]
    options: Options,
    /// Where systemd keeps the state of the service.
    #[arg(long, hide = true, env = "STATE_DIRECTORY")]
    state_directory: Option<PathBuf>,
    /// Where systemd is told how the service is.
    #[arg(long, hide = true, env = "NOTIFY_SOCKET")]
    notify_socket: Option<PathBuf>,
    /// Nobody wants colours.
    #[arg(long, hide = true, env = "NO_COLOR")]
    no_color: Option<String>,
}

/// Each may stand on the command line, in the environment and in the file.
#[derive(Debug, Default, clap::Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
struct Options {
    /// Address and port for devices and HTTP [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS:PORT", env = "BLYNK_SIM_LISTEN", value_parser = address)]
    listen: Option<SocketAddr>,
    /// A certificate in PEM, with those above it: devices and HTTP also find TLS, at `--tls-listen`.
    #[arg(long, value_name = "FILE", env = "BLYNK_SIM_TLS_CERT")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key in PEM.
    #[arg(long, value_name = "FILE", env = "BLYNK_SIM_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// Address and port for TLS [default: 127.0.0.1:9443].
    #[arg(long, value_name = "ADDRESS:PORT", env = "BLYNK_SIM_TLS_LISTEN", value_parser = address)]
    tls_listen: Option<SocketAddr>,
    /// A mail server, such as `smtps://USER:PASSWORD@HOST` or `smtp://HOST:25` [default: none]. A password is better said
    /// in the environment or the file: others can see a command line.
    #[arg(long, value_name = "URL", env = "BLYNK_SIM_SMTP", hide_env_values = true)]
    smtp: Option<String>,
    /// Who sends the mails: `name@example.org`, or `Name <name@example.org>`.
    #[arg(long, value_name = "ADDRESS", env = "BLYNK_SIM_MAIL_FROM")]
    mail_from: Option<String>,
    /// A URL that is asked for push and text messages, and for mails if no mail server is named; webhooks go to their
    /// own [default: none].
    #[arg(long, value_name = "URL", env = "BLYNK_SIM_GATEWAY")]
    gateway: Option<String>,
    /// How long entries of timelines are kept, but the newest of each device [default: 365d].
    #[arg(long, value_name = "TIME", env = "BLYNK_SIM_KEEP_TIMELINE")]
    keep_timeline: Option<Length>,
    /// The longest timeline of a device, in entries [default: 20000].
    #[arg(long, value_name = "N", env = "BLYNK_SIM_KEEP_ENTRIES", value_parser = count::<NonZeroU32>)]
    keep_entries: Option<NonZeroU32>,
    /// How long notifications are kept that were delivered, or are dead letters [default: 90d].
    #[arg(long, value_name = "TIME", env = "BLYNK_SIM_KEEP_NOTIFICATIONS")]
    keep_notifications: Option<Length>,
    /// The database's file, made if there is none [default: blynk-sim.db, in the folder that the environment's
    /// STATE_DIRECTORY names, as systemd does, or else in the current one].
    #[arg(long, value_name = "FILE", env = "BLYNK_SIM_DATABASE")]
    database: Option<PathBuf>,
    /// What is durable survives the end of the process; with `power`, the loss of power as well [default: process].
    #[arg(long, env = "BLYNK_SIM_DURABILITY")]
    durability: Option<Durability>,
    /// Threads that serve [default: one for each core].
    #[arg(long, value_name = "N", env = "BLYNK_SIM_THREADS", value_parser = count::<NonZeroUsize>)]
    threads: Option<NonZeroUsize>,
    /// The least important logs [default: info].
    #[arg(long, env = "BLYNK_SIM_LOG")]
    log: Option<LogLevel>,
    /// How logs are written [default: text].
    #[arg(long, env = "BLYNK_SIM_LOG_FORMAT")]
    log_format: Option<LogFormat>,
    /// What a login does to an older session of its device [default: accept].
    #[arg(long, env = "BLYNK_SIM_TAKEOVER")]
    takeover: Option<TakeoverOption>,
    /// The rule from a heartbeat to the silence that it allows [default: iot].
    #[arg(long, env = "BLYNK_SIM_ALLOWANCE")]
    allowance: Option<AllowanceOption>,
    /// How long a connection may take to log in, and a request to arrive [default: 10s].
    #[arg(long, value_name = "TIME", env = "BLYNK_SIM_LOGIN_TIMEOUT")]
    login_timeout: Option<Length>,
    /// Connections at one time, of devices and of requests; further ones are closed as they arrive [default: as
    /// many as the files that the system allows, at most 100000].
    #[arg(long, value_name = "N", env = "BLYNK_SIM_CONNECTION_LIMIT", value_parser = count::<NonZeroU32>)]
    connection_limit: Option<NonZeroU32>,
    /// Connections of one address at one time; further ones are closed as they arrive. Of IPv6, a network of 64 bits
    /// counts as one address. Raise it where many come through one proxy [default: a quarter of all].
    #[arg(long, value_name = "N", env = "BLYNK_SIM_CONNECTIONS_PER_ADDRESS", value_parser = count::<NonZeroU32>)]
    connections_per_address: Option<NonZeroU32>,
    /// Messages of one session in any second, above which it is closed [default: 50].
    #[arg(long, value_name = "N", env = "BLYNK_SIM_MESSAGES_PER_SECOND", value_parser = count::<NonZeroU16>)]
    messages_per_second: Option<NonZeroU16>,
    /// The longest body of a message, in bytes [default: 4096].
    #[arg(long, value_name = "BYTES", env = "BLYNK_SIM_BODY_LIMIT", value_parser = count::<NonZeroU16>)]
    body_limit: Option<NonZeroU16>,
    /// The longest value of a pin, in bytes [default: 1024].
    #[arg(long, value_name = "BYTES", env = "BLYNK_SIM_VALUE_LIMIT", value_parser = count::<NonZeroU16>)]
    value_limit: Option<NonZeroU16>,
    /// How long devices have to come back after a restart [default: each its allowance].
    #[arg(long, value_name = "TIME", env = "BLYNK_SIM_RESTART_GRACE")]
    restart_grace: Option<Length>,
    /// Failed logins of one token from one address in any minute that are answered [default: 5].
    #[arg(long, value_name = "N", env = "BLYNK_SIM_LOGIN_FAILURES_PER_MINUTE", value_parser = count::<NonZeroU16>)]
    login_failures_per_minute: Option<NonZeroU16>,
    /// Failed logins from one address in any minute that are answered, whatever the tokens, and as many requests
    /// without proof; a right token is always let in [default: 60].
    #[arg(long, value_name = "N", env = "BLYNK_SIM_FAILURES_PER_ADDRESS", value_parser = count::<NonZeroU16>)]
    failures_per_address: Option<NonZeroU16>,
    /// Notifications that one device may cause in a day [default: 100].
    #[arg(long, value_name = "N", env = "BLYNK_SIM_NOTIFICATIONS_PER_DAY", value_parser = count::<NonZeroU16>)]
    notifications_per_day: Option<NonZeroU16>,
    /// Entries of a device into one status that are closer together notify once; later ones are dead letters [default: 5s].
    #[arg(long, value_name = "TIME", env = "BLYNK_SIM_NOTIFICATION_GAP")]
    notification_gap: Option<Length>,
    /// How often a notification is tried [default: 10].
    #[arg(long, value_name = "N", env = "BLYNK_SIM_NOTIFICATION_TRIES", value_parser = count::<NonZeroU16>)]
    notification_tries: Option<NonZeroU16>,
    /// Notifications that may wait [default: 10000].
    #[arg(long, value_name = "N", env = "BLYNK_SIM_OUTBOX_LIMIT", value_parser = count::<NonZeroU32>)]
    outbox_limit: Option<NonZeroU32>,
}

/// Everything that `serve` is told, with nothing left open.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) listen: SocketAddr,
    pub(super) tls: Option<Tls>,
    pub(super) database: PathBuf,
    pub(super) backup: Option<PathBuf>,
    pub(super) smtp: Option<Smtp>,
    pub(super) gateway: Option<String>,
    pub(super) retention: Retention,
    pub(super) power_safe: bool,
    pub(super) threads: Option<NonZeroUsize>,
    /// As many as fit, if it is not said.
    pub(super) connection_limit: Option<u32>,
    pub(super) log: LevelFilter,
    pub(super) log_format: LogFormat,
    pub(super) colors: bool,
    pub(super) new_admin_token: bool,
    pub(super) notify_socket: Option<PathBuf>,
    pub(super) settings: Settings,
}

/// How TLS is spoken.
#[derive(Debug)]
pub(super) struct Tls {
    pub(super) listen: SocketAddr,
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

/// How mails are sent.
pub(super) struct Smtp {
    pub(super) url: String,
    pub(super) from: String,
}

/// The URL holds a password.
impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("from", &self.from).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Durability {
    Process,
    Power,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LogFormat {
    /// A line for people.
    Text,
    /// A line of JSON.
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

#[derive(Clone, Copy, Debug, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TakeoverOption {
    Accept,
    Reject,
}

#[derive(Clone, Copy, Debug, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AllowanceOption {
    Iot,
    Legacy,
}

/// A length of time, spelt as in scenarios: `10s`, `1m30s`.
#[derive(Clone, Copy, Debug)]
struct Length(Duration);

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        duration(text).map(Self)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Config {
    /// Reads the file, if one is named, and settles every option.
    pub(super) fn read(flags: Flags) -> Result<Self, Failure> {
        let file = flags.config.as_deref().map(read_file).transpose()?.unwrap_or_default();
        let options = flags.options.or(file);
        let settings = options.settings();
        if settings.body_limit > LONGEST_BODY || settings.value_limit > LONGEST_BODY {
            return Err(Failure(
                Exit::Refused,
                format!("bodies and values have at most {LONGEST_BODY} bytes"),
            ));
        }
        if settings.login_timeout == Duration::ZERO {
            return Err(Failure(Exit::Refused, "--login-timeout 0s would let nobody log in".into()));
        }
        if options.threads.is_some_and(|threads| threads.get() > MOST_THREADS) {
            return Err(Failure(Exit::Refused, format!("--threads: {MOST_THREADS} are the most")));
        }
        let retention = options.retention();
        let tls = options.tls().map_err(|why| Failure(Exit::Refused, why.into()))?;
        let smtp = options.smtp().map_err(|why| Failure(Exit::Refused, why.into()))?;
        let database = options.database.unwrap_or_else(|| match flags.state_directory {
            Some(folder) => folder.join(DATABASE),
            None => DATABASE.into(),
        });
        Ok(Self {
            tls,
            backup: flags.backup,
            smtp,
            gateway: options.gateway,
            retention,
            listen: options.listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, PORT).into()),
            database,
            power_safe: matches!(options.durability, Some(Durability::Power)),
            threads: options.threads,
            connection_limit: options.connection_limit.map(NonZeroU32::get),
            log: options.log.unwrap_or(LogLevel::Info).into(),
            log_format: options.log_format.unwrap_or(LogFormat::Text),
            colors: flags.no_color.is_none(),
            new_admin_token: flags.new_admin_token,
            notify_socket: flags.notify_socket,
            settings,
        })
    }
}

/// A number that is not zero.
fn count<N: FromStr>(text: &str) -> Result<N, &'static str> {
    text.parse().map_err(|_| match text.parse::<u128>() {
        Ok(1..) => "it is more than this may be",
        Ok(0) | Err(_) => "write a whole number, at least 1",
    })
}

/// No names: what they stand for may change from one start to the next.
fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "write a number and a port, such as `127.0.0.1:8080` or `[::]:8080`")
}

fn read_file(path: &Path) -> Result<Options, Failure> {
    let refuse = |why: String| Failure(Exit::Refused, format!("{}: {why}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
        let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        refuse(format!("{place}{}", error.message().replace('\n', "; ")))
    })
}

impl Options {
    /// These, and the others where these say nothing.
    fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            tls_listen: self.tls_listen.or(other.tls_listen),
            smtp: self.smtp.or(other.smtp),
            mail_from: self.mail_from.or(other.mail_from),
            gateway: self.gateway.or(other.gateway),
            keep_timeline: self.keep_timeline.or(other.keep_timeline),
            keep_entries: self.keep_entries.or(other.keep_entries),
            keep_notifications: self.keep_notifications.or(other.keep_notifications),
            database: self.database.or(other.database),
            durability: self.durability.or(other.durability),
            threads: self.threads.or(other.threads),
            log: self.log.or(other.log),
            log_format: self.log_format.or(other.log_format),
            takeover: self.takeover.or(other.takeover),
            allowance: self.allowance.or(other.allowance),
            login_timeout: self.login_timeout.or(other.login_timeout),
            connection_limit: self.connection_limit.or(other.connection_limit),
            connections_per_address: self.connections_per_address.or(other.connections_per_address),
            messages_per_second: self.messages_per_second.or(other.messages_per_second),
            body_limit: self.body_limit.or(other.body_limit),
            value_limit: self.value_limit.or(other.value_limit),
            restart_grace: self.restart_grace.or(other.restart_grace),
            login_failures_per_minute: self.login_failures_per_minute.or(other.login_failures_per_minute),
            failures_per_address: self.failures_per_address.or(other.failures_per_address),
            notifications_per_day: self.notifications_per_day.or(other.notifications_per_day),
            notification_gap: self.notification_gap.or(other.notification_gap),
            notification_tries: self.notification_tries.or(other.notification_tries),
            outbox_limit: self.outbox_limit.or(other.outbox_limit),
        }
    }

    /// A certificate needs its key, and the other way round.
    fn tls(&self) -> Result<Option<Tls>, &'static str> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Ok(Some(Tls {
                listen: self.tls_listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, TLS_PORT).into()),
                certificate: certificate.clone(),
                key: key.clone(),
            })),
            (None, None) if self.tls_listen.is_some() => Err("--tls-listen needs --tls-cert and --tls-key"),
            (None, None) => Ok(None),
            (Some(_), None) => Err("--tls-cert needs --tls-key"),
            (None, Some(_)) => Err("--tls-key needs --tls-cert"),
        }
    }

    /// A server needs a sender, and the other way round.
    fn smtp(&self) -> Result<Option<Smtp>, &'static str> {
        match (&self.smtp, &self.mail_from) {
            (Some(url), Some(from)) => Ok(Some(Smtp { url: url.clone(), from: from.clone() })),
            (None, None) => Ok(None),
            (Some(_), None) => Err("--smtp needs --mail-from"),
            (None, Some(_)) => Err("--mail-from needs --smtp"),
        }
    }

    fn retention(&self) -> Retention {
        let defaults = Retention::default();
        let length = |option: Option<Length>, default| option.map_or(default, |Length(length)| length);
        Retention {
            entries: length(self.keep_timeline, defaults.entries),
            most_entries: self.keep_entries.map_or(defaults.most_entries, NonZeroU32::get),
            letters: length(self.keep_notifications, defaults.letters),
        }
    }

    fn settings(&self) -> Settings {
        let defaults = Settings::default();
        let length = |option: Option<Length>, default| option.map_or(default, |Length(length)| length);
        let number = |option: Option<NonZeroU16>, default| option.map_or(default, NonZeroU16::get);
        Settings {
            allowance: match self.allowance {
                Some(AllowanceOption::Iot) => Allowance::Iot,
                Some(AllowanceOption::Legacy) => Allowance::Legacy,
                None => defaults.allowance,
            },
            takeover: match self.takeover {
                Some(TakeoverOption::Accept) => Takeover::Accept,
                Some(TakeoverOption::Reject) => Takeover::Reject,
                None => defaults.takeover,
            },
            login_timeout: length(self.login_timeout, defaults.login_timeout),
            connection_limit: defaults.connection_limit,
            connections_per_address: self.connections_per_address.map(NonZeroU32::get),
            body_limit: number(self.body_limit, defaults.body_limit),
            messages_per_second: number(self.messages_per_second, defaults.messages_per_second),
            value_limit: number(self.value_limit, defaults.value_limit),
            restart_grace: self.restart_grace.map(|Length(length)| length).or(defaults.restart_grace),
            login_failures_per_minute: number(
                self.login_failures_per_minute,
                defaults.login_failures_per_minute,
            ),
            failures_per_address: Some(number(self.failures_per_address, FAILURES_PER_ADDRESS)),
            notifications_per_day: number(self.notifications_per_day, defaults.notifications_per_day),
            notification_gap: length(self.notification_gap, defaults.notification_gap),
            notification_tries: number(self.notification_tries, defaults.notification_tries),
            outbox_limit: self.outbox_limit.map_or(defaults.outbox_limit, NonZeroU32::get),
        }
    }
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Off => Self::OFF,
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}
