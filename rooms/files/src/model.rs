//! The nouns of this room.

use kernel::{FileId, Time};

store::words! {
    /// What is taken. Found out from the bytes, never from a name.
    Media { Png = "image/png", Jpeg = "image/jpeg", Pdf = "application/pdf", Text = "text/plain" }
}

#[derive(Clone, Debug)]
pub struct FileLine {
    pub id: FileId,
    pub name: String,
    pub media: Media,
    pub size: i64,
    pub made_at: Time,
}
