//! The management API: the marketplace's own programs, with a key, in JSON. No cookie counts here, so no page
//! of anybody's can act through a browser's; and nothing here is ever kept in a cache.

mod caller;
mod gate;
mod problem;
mod sellers;

use axum::Router;
use axum::routing::{any, get};
use lobby::Hall;

pub use gate::gate;

/// What these routes look like, for tools that read it. A test holds it to the table below.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// Every route of this door. Tests walk this table.
pub fn routes() -> Router<Hall> {
    Router::new()
        .route("/api/openapi.json", get(gate::openapi))
        .route("/api/v1/sellers", get(sellers::list).post(sellers::put))
        .route("/api/v1/sellers/{short_code}", get(sellers::find))
        // Whatever else begins so is answered in JSON too.
        .route("/api/{*rest}", any(gate::missing))
}
