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

/// What one developer's files may take up.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    pub files: i64,
    pub bytes: i64,
}

impl Default for Quota {
    fn default() -> Quota {
        Quota { files: 500, bytes: 1_000 * crate::MB as i64 }
    }
}

/// A file that may be read by whoever asked.
pub struct Opened {
    pub line: FileLine,
    pub reading: depot::Reading,
}
