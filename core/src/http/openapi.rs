//! The document that describes the HTTP API. It is made from the handlers themselves.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

/// What is said of the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "blynk-sim",
        description = "The HTTP API of a blynk-sim server. Under `/external/api/`, a device or a script proves itself with the \
                       device's token in the query, and reaches only that device. Under `/api/v1/`, an operator proves \
                       to be one with the admin token, as `Authorization: Bearer TOKEN`. Times are milliseconds since \
                       the Unix epoch, lengths of time are seconds. Errors are `{\"error\":{\"message\":\"..\"}}`."
    ),
    modifiers(&Proof)
)]
pub(super) struct Document;

/// How operators prove to be some.
struct Proof;

impl Modify for Proof {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        document.components.get_or_insert_with(Default::default).add_security_scheme("operator", bearer);
    }
}

/// Serves the document.
pub(super) fn routes(document: &utoipa::openapi::OpenApi) -> Router {
    let text = document.to_json().expect("a document can be written as JSON");
    Router::new().route("/api/openapi.json", get(async move || ([(CONTENT_TYPE, "application/json")], text)))
}
