//! One request to a URL, by HTTP or HTTPS.

use std::sync::Arc;

use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use axum::http::{Request, Uri};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::reason;
use crate::server::Undelivered;

/// Sends requests, and keeps connections for a while.
#[derive(Clone, Debug)]
pub(super) struct Post(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Post {
    pub(super) fn new() -> Self {
        let connector = match HttpsConnectorBuilder::new().with_provider_and_native_roots(default_provider())
        {
            Ok(roots) => roots.https_or_http().enable_http1().build(),
            Err(error) => {
                tracing::warn!(%error, "this machine knows no certificates: https URLs cannot be reached");
                HttpsConnectorBuilder::new().with_tls_config(nobody()).https_or_http().enable_http1().build()
            }
        };
        Self(Client::builder(TokioExecutor::new()).build(connector))
    }

    /// Sends a body of JSON under a key by which a repetition is known. Whatever is not a success is a refusal.
    pub(super) async fn send(&self, to: Uri, key: String, body: String) -> Result<(), Undelivered> {
        let request = Request::post(to)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("blynk-sim/", env!("CARGO_PKG_VERSION")))
            .header("idempotency-key", key)
            .body(Full::from(body))
            .map_err(|error| Undelivered::Unreachable(error.to_string()))?;
        let response = self.0.request(request).await;
        let status = response.map_err(|error| Undelivered::Unreachable(reason(&error)))?.status();
        if status.is_success() { Ok(()) } else { Err(Undelivered::Refused(status.to_string())) }
    }
}

/// Trusts nobody.
fn nobody() -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has safe versions")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
}
