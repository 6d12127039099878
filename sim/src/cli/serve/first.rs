//! What a new database is given, so that there is something to connect and somebody who may operate.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use blynk_core::http::OperatorToken;
use blynk_core::id::{DeviceId, Token};
use blynk_core::lifecycle::{Chain, Template};
use blynk_core::store::{Identity, Sqlite, Store, StoreError, Write};

use super::secrets::draw_token;
use crate::cli::print::Printer;

/// The template of the first device.
const TEMPLATE: &str = "Default";

/// What is to be told at this start alone, and kept when it was told.
pub(super) struct First {
    /// A new token of operators, which is kept nowhere.
    operator: Option<Token>,
    device: Option<FirstDevice>,
}

/// The device that a new database begins with.
struct FirstDevice {
    token: Token,
    /// Whether it is to be added with its template.
    is_new: bool,
}

impl First {
    /// What a database lacks; and new operators' token, if one is wanted.
    pub(super) fn draw(store: &mut Sqlite, new_operator: bool) -> Result<Self, StoreError> {
        let is_missing = store.operator()?.is_none();
        // Until somebody may operate, nobody was told of the first device. Later the store is not read for it: it is long.
        let device = if is_missing { FirstDevice::draw(store)? } else { None };
        Ok(Self { operator: (is_missing || new_operator).then(draw_token), device })
    }

    /// Whether there is a token that nobody was shown yet.
    pub(super) const fn is_news(&self) -> bool {
        self.operator.is_some() || self.device.is_some()
    }

    pub(super) fn keep(&self, store: &mut Sqlite) -> Result<(), StoreError> {
        if let Some(device) = &self.device {
            device.keep(store)?;
        }
        if let Some(token) = &self.operator {
            let token = OperatorToken::parse(token.as_str()).expect("a drawn token is long and printable");
            store.set_operator(token.digest())?;
        }
        Ok(())
    }

    pub(super) fn announce(&self, printer: &mut Printer, address: SocketAddr) {
        match &self.operator {
            Some(token) => {
                let token = token.as_str();
                printer.line(format_args!("  page      http://{address}/#token={token}"));
                printer.line(format_args!(
                    "  operator  {token}  (shown this once; the database keeps its hash)"
                ));
            }
            None => printer.line(format_args!("  page      http://{address}/")),
        }
        if let Some(FirstDevice { token, .. }) = &self.device {
            printer.line(format_args!("  device    {}", token.as_str()));
        }
    }
}

impl FirstDevice {
    /// The first that is there, or a new one if there is no template and no device.
    fn draw(store: &mut Sqlite) -> Result<Option<Self>, StoreError> {
        let stored = store.load()?;
        if let Some(device) = stored.devices.first() {
            return Ok(Some(Self { token: device.identity.token, is_new: false }));
        }
        // Whoever removed everything wants it so.
        let is_untouched = stored.templates.is_empty() && stored.newest_removed.is_none();
        Ok(is_untouched.then(|| Self { token: draw_token(), is_new: true }))
    }

    fn keep(&self, store: &mut Sqlite) -> Result<(), StoreError> {
        if !self.is_new {
            return Ok(());
        }
        let (name, contacts) = ("First device".into(), BTreeMap::new());
        let identity = Identity { name, token: self.token, template: TEMPLATE.into(), contacts };
        let template = Arc::new(Template::new(TEMPLATE, Chain::default()));
        store.commit(&[Write::Template(template), Write::Device(DeviceId(0), identity)])
    }
}
