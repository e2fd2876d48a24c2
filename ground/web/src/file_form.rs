//! Forms with files: the fields by the rules of [`crate::Form`], the files onto the disk while they come.
//!
//! A file lies in the folder under no name, so that nothing is left of it when its reader goes away, however
//! they go. Only those who are signed in may send one: see [`MayUpload`].

use crate::form::{self, BadForm, FIELDS, LIMIT, Paced};
use crate::multipart::{Head, Multipart, Step};
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use kernel::{Digest, Upload};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

const MB: u64 = 1024 * 1024;
/// More than any page takes, so that a page can say in its own words that a file is too large.
const FILE: u64 = 16 * MB;
const FILES: usize = 5;
const WHOLE: u64 = 32 * MB;
/// What comes after a refusal is read so far, since a browser that is cut off shows no answer.
const DRAIN: u64 = 8 * MB;
const DRAIN_TIME: Duration = Duration::from_secs(2);
/// Forms with files that are being read at once: of one person, and of all.
const OF_ONE: usize = 4;
const OF_ALL: usize = 64;

/// That whoever sends this request may send files with it, and where they are put meanwhile. The passage
/// in front of the doors adds it to the requests of those who are signed in.
#[derive(Clone, Debug)]
pub struct MayUpload {
    pub who: String,
    pub folder: Arc<PathBuf>,
}

/// The fields and files of a form that was sent from one of our pages. A page without files may be sent the
/// ordinary way too.
#[derive(Default)]
pub struct FileForm {
    fields: BTreeMap<String, String>,
    files: BTreeMap<String, Upload>,
}

impl FileForm {
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
    pub fn is_checked(&self, name: &str) -> bool {
        self.get(name) == "on"
    }
    /// The names of all fields that are texts, with their values.
    pub fn fields(&self) -> &BTreeMap<String, String> {
        &self.fields
    }
    pub fn has_file(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }
    /// The file that was chosen in a field, if one was.
    pub fn take_file(&mut self, name: &str) -> Option<Upload> {
        self.files.remove(name)
    }
}

/// A place among the forms that are being read.
struct Place(String);

static READ_NOW: LazyLock<Mutex<HashMap<String, usize>>> = LazyLock::new(Mutex::default);

impl Place {
    fn take(who: &str) -> Option<Place> {
        let mut now = READ_NOW.lock().ok()?;
        let of_all: usize = now.values().sum();
        let own = now.entry(who.to_owned()).or_default();
        if *own >= OF_ONE || of_all >= OF_ALL {
            if *own == 0 {
                now.remove(who);
            }
            return None;
        }
        *own += 1;
        Some(Place(who.to_owned()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Ok(mut now) = READ_NOW.lock()
            && let Some(own) = now.get_mut(&self.0)
        {
            *own -= 1;
            if *own == 0 {
                now.remove(&self.0);
            }
        }
    }
}

/// A file that is being written.
struct Spool {
    name: String,
    file: tokio::fs::File,
    digest: Digest,
    size: u64,
}

fn disk(e: std::io::Error) -> BadForm {
    tracing::error!(error = %e, "a file that was sent cannot be written: look at the folder of files and its disk");
    BadForm::NoDisk
}

impl Spool {
    async fn new(name: String, folder: Arc<PathBuf>) -> Result<Spool, BadForm> {
        let made = tokio::task::spawn_blocking(move || tempfile::tempfile_in(&*folder)).await;
        let file = made.map_err(std::io::Error::other).and_then(|made| made).map_err(disk)?;
        Ok(Spool { name, file: tokio::fs::File::from_std(file), digest: Digest::default(), size: 0 })
    }
    async fn write(&mut self, data: &[u8]) -> Result<(), BadForm> {
        self.size += data.len() as u64;
        if self.size > FILE {
            return Err(BadForm::TooLarge);
        }
        self.digest.update(data);
        self.file.write_all(data).await.map_err(disk)
    }
    async fn finish(mut self) -> Result<Upload, BadForm> {
        self.file.flush().await.map_err(disk)?;
        let bytes = self.file.into_std().await;
        Ok(Upload { name: self.name, size: self.size, sha256: self.digest.finish(), bytes })
    }
}

/// Where the piece goes that comes next.
enum Into {
    /// In front of the first part.
    Nowhere,
    Field(String, Vec<u8>),
    /// A file's part of which nothing has come yet: made when something does.
    NoFile(String, String),
    File(String, Spool),
    /// Of somebody who may send none: the page behind will ask them to sign in.
    Away,
}

struct Reading<'r> {
    headers: &'r HeaderMap,
    may: Option<&'r MayUpload>,
    place: Option<Place>,
    into: Into,
    form: FileForm,
    /// Bytes of fields so far.
    texts: usize,
    files: usize,
    from_our_page: bool,
}

impl Reading<'_> {
    async fn begin(&mut self, head: Head) -> Result<(), BadForm> {
        self.close().await?;
        let taken = self.form.fields.contains_key(&head.name) || self.form.files.contains_key(&head.name);
        if taken || self.form.fields.len() + self.files >= FIELDS {
            return Err(BadForm::Malformed);
        }
        self.into = match head.file_name {
            None => Into::Field(head.name, Vec::new()),
            // Nothing is written for whoever has not shown the token yet.
            Some(_) if !self.from_our_page => return Err(BadForm::Forged),
            Some(file) => {
                self.files += 1;
                if self.files > FIELDS {
                    return Err(BadForm::Malformed);
                }
                Into::NoFile(head.name, file)
            }
        };
        Ok(())
    }

    async fn data(&mut self, data: &[u8]) -> Result<(), BadForm> {
        if let Into::NoFile(name, file) = &mut self.into {
            let (name, file) = (std::mem::take(name), std::mem::take(file));
            self.into = match self.spool(file).await? {
                Some(spool) => Into::File(name, spool),
                None => Into::Away,
            };
        }
        match &mut self.into {
            Into::Field(_, text) => {
                self.texts += data.len();
                if self.texts > LIMIT {
                    return Err(BadForm::TooLarge);
                }
                text.extend_from_slice(data);
                Ok(())
            }
            Into::File(_, spool) => spool.write(data).await,
            Into::Away => Ok(()),
            Into::Nowhere | Into::NoFile(..) => Err(BadForm::Malformed),
        }
    }

    async fn spool(&mut self, name: String) -> Result<Option<Spool>, BadForm> {
        let Some(may) = self.may else { return Ok(None) };
        if self.form.files.len() >= FILES {
            return Err(BadForm::TooLarge);
        }
        if self.place.is_none() {
            self.place = Some(Place::take(&may.who).ok_or(BadForm::TooMany)?);
        }
        Spool::new(name, may.folder.clone()).await.map(Some)
    }

    /// A part is at its end.
    async fn close(&mut self) -> Result<(), BadForm> {
        match std::mem::replace(&mut self.into, Into::Nowhere) {
            Into::Nowhere | Into::Away => {}
            Into::Field(name, text) => {
                let text = String::from_utf8(text).map_err(|_| BadForm::Malformed)?;
                if name == "csrf" {
                    if self.from_our_page || !form::is_from_our_page(self.headers, &text) {
                        return Err(BadForm::Forged);
                    }
                    self.from_our_page = true;
                } else if self.form.fields.insert(name, text).is_some() {
                    return Err(BadForm::Malformed);
                }
            }
            // A field in which no file was chosen, or one that is empty: then it has a name.
            Into::NoFile(_, file) if file.is_empty() => {}
            Into::NoFile(name, file) => {
                if let Some(spool) = self.spool(file).await? {
                    self.form.files.insert(name, spool.finish().await?);
                }
            }
            Into::File(name, spool) => {
                self.form.files.insert(name, spool.finish().await?);
            }
        }
        Ok(())
    }

    async fn all(&mut self, mut parts: Multipart, body: &mut Paced) -> Result<(), BadForm> {
        while let Some(piece) = body.next().await? {
            if body.read() > WHOLE {
                return Err(BadForm::TooLarge);
            }
            // A piece may be as large as the listener's buffer: a slice of it at a time.
            for slice in piece.chunks(16 * 1024) {
                parts.feed(slice);
                loop {
                    match parts.step().map_err(|_| BadForm::Malformed)? {
                        Step::More | Step::End => break,
                        Step::Part(head) => self.begin(head).await?,
                        Step::Data(data) => self.data(&data).await?,
                    }
                }
            }
        }
        if !parts.is_over() {
            return Err(BadForm::Malformed);
        }
        self.close().await?;
        if self.from_our_page { Ok(()) } else { Err(BadForm::Forged) }
    }
}

/// Takes in what is still on its way, as far as is decent, so that the answer is read at all.
async fn drain(mut body: Paced) {
    let until = body.read() + DRAIN;
    let rest = async { while body.read() < until && matches!(body.next().await, Ok(Some(_))) {} };
    // Too slow: then it is cut off.
    let _ = tokio::time::timeout(DRAIN_TIME, rest).await;
}

async fn read(
    headers: &HeaderMap,
    may: Option<&MayUpload>,
    parts: Multipart,
    body: Body,
) -> Result<FileForm, BadForm> {
    let mut body = Paced::with_files(body);
    let mut reading = Reading {
        headers,
        may,
        place: None,
        into: Into::Nowhere,
        form: FileForm::default(),
        texts: 0,
        files: 0,
        from_our_page: false,
    };
    // Whoever says that it will be too long is believed; whoever lies is found out while reading.
    let read = match form::claimed_length(headers) {
        Some(n) if n > WHOLE => Err(BadForm::TooLarge),
        _ => reading.all(parts, &mut body).await,
    };
    let form = std::mem::take(&mut reading.form);
    drop(reading);
    match read {
        Ok(()) => Ok(form),
        Err(bad) => {
            drop(form);
            if bad != BadForm::TooSlow {
                drain(body).await;
            }
            Err(bad)
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for FileForm {
    type Rejection = BadForm;

    async fn from_request(request: Request, state: &S) -> Result<FileForm, BadForm> {
        let headers = request.headers();
        let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        let is_multipart = kind.split(';').next().is_some_and(|k| k.trim().starts_with("multipart/"));
        if !is_multipart {
            let form = form::Form::from_request(request, state).await?;
            return Ok(FileForm { fields: form.into_fields(), files: BTreeMap::new() });
        }
        let several = headers.get_all(header::CONTENT_TYPE).iter().count() > 1;
        if several || headers.contains_key(header::CONTENT_ENCODING) {
            return Err(BadForm::MediaType);
        }
        let parts = Multipart::new(kind).ok_or(BadForm::MediaType)?;
        let (parts_of_head, body) = request.into_parts();
        read(&parts_of_head.headers, parts_of_head.extensions.get::<MayUpload>(), parts, body).await
    }
}
