//! Why a request is answered with an error, and how that looks: the product's shape and, where known, its words.

use axum::Json;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::failures::Unproven;
use crate::hub::Refusal;
use crate::id::{NotAPin, Pin};
use crate::server::calls::Stopping;

/// Why a request is answered with an error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    #[error("No token provided.")]
    NoToken,
    #[error("Wrong pin format.")]
    WrongPin,
    #[error("No pin provided.")]
    NoPin,
    #[error("No value provided for pin {0}.")]
    NoValue(Pin),
    #[error("Only one pin is updated at a time; for several there is /external/api/batch/update.")]
    ManyPins,
    #[error("No {0} provided.")]
    Missing(&'static str),
    #[error("{0} is given twice.")]
    Twice(String),
    #[error("The query has {length} bytes; at most {limit} are allowed.")]
    QueryTooLong { length: usize, limit: usize },
    #[error("{0} is no percent-encoded UTF-8 text.")]
    NotText(String),
    #[error("Wrong deviceId format: {0} is no number of a device.")]
    WrongDevice(String),
    #[error("Wrong {name}: {text} is not {right}.")]
    WrongWord { name: &'static str, text: String, right: &'static str },
    #[error("No template has a status {status}; there are: {}.", known.join(", "))]
    UnknownStatus { status: String, known: Vec<String> },
    #[error("Wrong {field}: {why}.")]
    WrongField { field: String, why: String },
    #[error("What is kept cannot be read: {0}.")]
    Unreadable(String),
    #[error("The body cannot be understood: {0}.")]
    WrongBody(String),
    #[error("The body cannot be read.")]
    NoBody(StatusCode),
    #[error("The body is longer than {limit} bytes.")]
    BodyTooLong { limit: usize },
    #[error("Unauthorized: an operator's token is needed, as `Authorization: Bearer TOKEN`.")]
    NoOperator,
    #[error("Nothing is found at this path.")]
    UnknownPath,
    #[error("This path does not know this method.")]
    WrongMethod,
    #[error("The server is stopping.")]
    Stopping,
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoToken
            | Self::WrongPin
            | Self::NoPin
            | Self::NoValue(_)
            | Self::ManyPins
            | Self::Missing(_)
            | Self::Twice(_)
            | Self::QueryTooLong { .. }
            | Self::NotText(_)
            | Self::WrongDevice(_)
            | Self::WrongWord { .. }
            | Self::UnknownStatus { .. }
            | Self::WrongField { .. }
            | Self::WrongBody(_) => StatusCode::BAD_REQUEST,
            Self::NoBody(status) => *status,
            Self::BodyTooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NoOperator => StatusCode::UNAUTHORIZED,
            Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused(refusal) => status_of(refusal),
        }
    }
}

/// What a refusal of the hub is answered with.
pub(super) fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::InvalidToken
        | Refusal::NoValue(_)
        | Refusal::ValueTooLong { .. }
        | Refusal::StatusNotAllowed { .. } => StatusCode::BAD_REQUEST,
        Refusal::NoSuchDevice(_) | Refusal::NoSuchTemplate(_) | Refusal::NoSuchNotification(_) => {
            StatusCode::NOT_FOUND
        }
        Refusal::TokenTaken
        | Refusal::TemplateFollowed { .. }
        | Refusal::Delivered(_)
        | Refusal::Ended(_)
        | Refusal::NoContact(_) => StatusCode::CONFLICT,
        Refusal::OutboxFull => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::TemplateTaken(_) | Refusal::TemplateChanged(_) => StatusCode::PRECONDITION_FAILED,
        Refusal::Blocked { .. } => StatusCode::FORBIDDEN,
    }
}

/// `{"error":{"message":"Invalid token."}}`
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": { "message": self.to_string() } }));
        let mut response = (self.status(), body).into_response();
        if matches!(self, Self::NoOperator | Self::Refused(Refusal::InvalidToken)) {
            response.extensions_mut().insert(Unproven);
        }
        if self == Self::NoOperator {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<NotAPin> for Problem {
    fn from(NotAPin: NotAPin) -> Self {
        Self::WrongPin
    }
}

impl From<Stopping> for Problem {
    fn from(Stopping: Stopping) -> Self {
        Self::Stopping
    }
}
