//! A file on its way in: already on the disk of this machine, under no name, and gone when it is dropped.

/// What came in a form. Doors make it while the bytes come; the room of files decides what becomes of it.
#[derive(Debug)]
pub struct Upload {
    /// As the browser called it: anything at all.
    pub name: String,
    pub size: u64,
    pub sha256: [u8; 32],
    /// At its end: whoever reads it goes back to its beginning first.
    pub bytes: std::fs::File,
}
