//! A folder of this machine, or one that several machines share.

use crate::{Depot, Reading};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use kernel::{Fault, FileId};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

const PIECE: usize = 64 * 1024;

pub struct Folder(PathBuf);

fn only_for_us(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

impl Folder {
    /// Makes the folder, readable by nobody else.
    pub fn open(path: PathBuf) -> io::Result<Folder> {
        only_for_us(&path)?;
        Ok(Folder(path))
    }

    /// A folder among a thousand: the ids' last letters are chance.
    fn home(&self, id: FileId) -> (PathBuf, String) {
        let name = id.to_string();
        let (_, last) = name.split_at(name.len() - 2);
        (self.0.join(last), name)
    }

    fn path(&self, id: FileId) -> PathBuf {
        let (home, name) = self.home(id);
        home.join(name)
    }

    /// Runs work on files where it may wait.
    fn off<T: Send + 'static>(
        &self,
        what: &'static str,
        f: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, Fault>> {
        let place = self.0.clone();
        async move {
            let done = tokio::task::spawn_blocking(f).await.map_err(io::Error::other).and_then(|done| done);
            done.map_err(|e| Fault::unavailable(format!("{what} a file in {}: {e}", place.display())))
        }
        .boxed()
    }
}

fn coming(path: &Path) -> PathBuf {
    path.with_extension("coming")
}

/// Beside its place first, onto the disk, then by its name: nobody ever finds half of it.
fn write(home: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    only_for_us(home)?;
    let beside = coming(path);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(e) = written.and_then(|()| fs::rename(&beside, path)) {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
        return Err(e);
    }
    File::open(home)?.sync_all()
}

fn unless_missing<T>(done: io::Result<T>) -> io::Result<Option<T>> {
    match done {
        Ok(value) => Ok(Some(value)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

impl Depot for Folder {
    fn place(&self) -> String {
        format!("the folder {}", self.0.display())
    }

    fn put(&self, id: FileId, bytes: Bytes) -> BoxFuture<'_, Result<(), Fault>> {
        let ((home, name), path) = (self.home(id), self.path(id));
        debug_assert!(path.ends_with(&name));
        self.off("cannot write", move || write(&home, &path, &bytes))
    }

    fn get(&self, id: FileId) -> BoxFuture<'_, Result<Option<Reading>, Fault>> {
        let path = self.path(id);
        self.off("cannot read", move || {
            let Some(file) = unless_missing(File::open(&path))? else { return Ok(None) };
            let size = file.metadata()?.len();
            let bytes = stream::unfold(Some(file), |file| async {
                let read = tokio::task::spawn_blocking(move || {
                    let mut file = file?;
                    let mut piece = vec![0; PIECE];
                    match file.read(&mut piece) {
                        Ok(0) => None,
                        Ok(n) => {
                            piece.truncate(n);
                            Some((Ok(Bytes::from(piece)), Some(file)))
                        }
                        Err(e) => Some((Err(e), None)),
                    }
                });
                read.await.unwrap_or_else(|e| Some((Err(io::Error::other(e)), None)))
            });
            Ok(Some(Reading { size, bytes: bytes.boxed() }))
        })
    }

    fn size(&self, id: FileId) -> BoxFuture<'_, Result<Option<u64>, Fault>> {
        let path = self.path(id);
        self.off("cannot look at", move || Ok(unless_missing(fs::metadata(&path))?.map(|m| m.len())))
    }

    fn remove(&self, id: FileId) -> BoxFuture<'_, Result<(), Fault>> {
        let path = self.path(id);
        self.off("cannot take away", move || {
            unless_missing(fs::remove_file(coming(&path)))?;
            unless_missing(fs::remove_file(&path)).map(drop)
        })
    }
}
