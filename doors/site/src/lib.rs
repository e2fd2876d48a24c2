//! The public's door: the landing page, the agreements, language and theme.

mod agreements;
mod choices;
mod landing;

use axum::Router;
use axum::routing::{get, post};
use lobby::Hall;

/// Every page of this door. Tests walk this table.
pub fn routes() -> Router<Hall> {
    Router::new()
        .route("/", get(landing::show))
        .route("/agreements/api_use", get(agreements::show))
        .route("/agreements/api_use/{version}", get(agreements::show_version))
        .route("/language", post(choices::language))
        .route("/theme", post(choices::theme))
        .route("/assets/{name}", get(web::assets))
}
