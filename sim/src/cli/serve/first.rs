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

/// What is to be told at this start alone.
pub(super) struct First {
    /// A new token of operators, which is kept nowhere.
    operator: Option<Token>,
    /// The first device's.
    device: Option<Token>,
}

impl First {
    /// Gives a database what it lacks; and new operators' token, if one is wanted.
    pub(super) fn provide(store: &mut Sqlite, new_operator: bool) -> Result<Self, StoreError> {
        let is_missing = store.operator()?.is_none();
        // Until somebody may operate, nobody was told of the first device. Later the store is not read for it: it is long.
        let device = if is_missing { Self::provide_device(store)? } else { None };
        let operator = (is_missing || new_operator).then(draw_token);
        if let Some(token) = &operator {
            let token = OperatorToken::parse(token.as_str()).expect("a drawn token is long and printable");
            store.set_operator(token.digest())?;
        }
        Ok(Self { operator, device })
    }

    /// The token of the first device, which is made if there is no template and no device.
    fn provide_device(store: &mut Sqlite) -> Result<Option<Token>, StoreError> {
        let stored = store.load()?;
        if let Some(device) = stored.devices.first() {
            return Ok(Some(device.identity.token));
        }
        // Whoever removed everything wants it so.
        if !stored.templates.is_empty() || stored.newest_removed.is_some() {
            return Ok(None);
        }
        let token = draw_token();
        let (name, contacts) = ("First device".into(), BTreeMap::new());
        let identity = Identity { name, token, template: TEMPLATE.into(), contacts };
        let template = Arc::new(Template::new(TEMPLATE, Chain::default()));
        store.commit(&[Write::Template(template), Write::Device(DeviceId(0), identity)])?;
        Ok(Some(token))
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
        if let Some(token) = &self.device {
            printer.line(format_args!("  device    {}", token.as_str()));
        }
    }
}
