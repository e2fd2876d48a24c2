//! U1–U12 through the listener: what is sent, what is kept, who may read it.

use axum::response::IntoResponse;
use files::Purpose;
use kernel::Errors;
use lobby::{Answer, Cx};
use web::FileForm;

/// A page of the tests' own that takes a file and names it in its answer.
pub async fn take(cx: Cx, mut form: FileForm) -> Answer {
    cx.session()?;
    let purpose = match form.get("purpose") {
        "document" => Purpose::Document,
        "logo" => Purpose::Logo,
        "attachment" => Purpose::Attachment,
        _ => Purpose::Picture,
    };
    let mut errors = Errors::default();
    let line = lobby::take_file(&cx, &mut form, "file", purpose, &mut errors).await?;
    let status = if errors.is_empty() { 200 } else { 422 };
    let said = format!("{:?} {:?} {}", errors, line, form.get("note"));
    let status = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    Ok((status, said).into_response())
}
