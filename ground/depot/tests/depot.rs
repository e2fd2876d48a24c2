//! Both depots by the same measure: a folder, and a bucket of an S3 service in this process.

use bytes::Bytes;
use depot::{Bucket, BucketSettings, Depot, Folder, probe};
use futures_util::TryStreamExt;
use kernel::{FileId, Random, SecretText, SystemRandom, Time};
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, GetObjectInput, GetObjectOutput, HeadObjectInput,
    HeadObjectOutput, PutObjectInput, PutObjectOutput, StreamingBlob,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// What the service holds.
type Objects = Arc<Mutex<HashMap<(String, String), Bytes>>>;

#[derive(Clone, Default)]
struct Service(Objects);

type Answering<'f, T> = Pin<Box<dyn Future<Output = S3Result<S3Response<T>>> + Send + 'f>>;

impl S3 for Service {
    fn put_object<'s, 'f>(&'s self, req: S3Request<PutObjectInput>) -> Answering<'f, PutObjectOutput>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let PutObjectInput { bucket, key, body, .. } = req.input;
            let body = body.ok_or_else(|| s3_error!(IncompleteBody))?;
            let pieces: Vec<Bytes> = body.try_collect().await.map_err(|_| s3_error!(IncompleteBody))?;
            self.0.lock().expect("held").insert((bucket, key), pieces.concat().into());
            Ok(S3Response::new(PutObjectOutput::default()))
        })
    }
    fn get_object<'s, 'f>(&'s self, req: S3Request<GetObjectInput>) -> Answering<'f, GetObjectOutput>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let found = self.0.lock().expect("held").get(&(req.input.bucket, req.input.key)).cloned();
            let bytes = found.ok_or_else(|| s3_error!(NoSuchKey))?;
            Ok(S3Response::new(GetObjectOutput {
                content_length: Some(bytes.len() as i64),
                body: Some(StreamingBlob::from(s3s::Body::from(bytes))),
                ..Default::default()
            }))
        })
    }
    fn head_object<'s, 'f>(&'s self, req: S3Request<HeadObjectInput>) -> Answering<'f, HeadObjectOutput>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let found = self.0.lock().expect("held").get(&(req.input.bucket, req.input.key)).cloned();
            let bytes = found.ok_or_else(|| s3_error!(NoSuchKey))?;
            let output = HeadObjectOutput { content_length: Some(bytes.len() as i64), ..Default::default() };
            Ok(S3Response::new(output))
        })
    }
    fn delete_object<'s, 'f>(&'s self, req: S3Request<DeleteObjectInput>) -> Answering<'f, DeleteObjectOutput>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            self.0.lock().expect("held").remove(&(req.input.bucket, req.input.key));
            Ok(S3Response::new(DeleteObjectOutput::default()))
        })
    }
}

/// A service that checks signatures, and its address.
async fn service() -> (Objects, String) {
    let service = Service::default();
    let mut builder = s3s::service::S3ServiceBuilder::new(service.clone());
    builder.set_auth(s3s::auth::SimpleAuth::from_single("guildhall", "the bucket's secret"));
    let answering = builder.build();
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let address = socket.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = socket.accept().await {
            let answering = answering.clone();
            tokio::spawn(async move {
                let io = hyper_util::rt::TokioIo::new(stream);
                let _ = hyper::server::conn::http1::Builder::new().serve_connection(io, answering).await;
            });
        }
    });
    (service.0, format!("http://{address}"))
}

fn settings(endpoint: &str) -> BucketSettings {
    BucketSettings {
        endpoint: endpoint.to_owned(),
        region: "eu-south-2".to_owned(),
        name: "handed-in".to_owned(),
        access_key: "guildhall".to_owned(),
        secret_key: SecretText::new("the bucket's secret".to_owned()),
        in_path: true,
    }
}

fn id() -> FileId {
    FileId::new(Time(1_795_000_000_000), &SystemRandom)
}

async fn read(depot: &dyn Depot, id: FileId) -> Option<Vec<u8>> {
    let reading = depot.get(id).await.expect("asks")?;
    let bytes = reading.bytes.try_collect::<Vec<Bytes>>().await.expect("reads").concat();
    assert_eq!(reading.size, bytes.len() as u64);
    Some(bytes)
}

async fn keeps_its_promises(depot: &dyn Depot) {
    probe(depot, id()).await.expect("works");
    let mut large = vec![0; 3 * 1024 * 1024 + 17];
    (&SystemRandom as &dyn Random).fill(&mut large);
    for bytes in [Vec::new(), b"few".to_vec(), large] {
        let (one, other) = (id(), id());
        assert!(read(depot, one).await.is_none() && depot.size(one).await.expect("asks").is_none());
        depot.put(one, bytes.clone().into()).await.expect("puts");
        assert_eq!(depot.size(one).await.expect("asks"), Some(bytes.len() as u64));
        assert_eq!(read(depot, one).await.as_ref(), Some(&bytes));
        assert!(read(depot, other).await.is_none());
        depot.remove(one).await.expect("removes");
        depot.remove(one).await.expect("what is not there is gone already");
        assert!(read(depot, one).await.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_keeps_bytes_for_itself() {
    let outer = tempfile::tempdir().expect("a folder");
    let path = outer.path().join("files");
    let folder = Folder::open(path.clone()).expect("opens");
    keeps_its_promises(&folder).await;
    let kept = id();
    folder.put(kept, Bytes::from_static(b"words")).await.expect("puts");
    let name = kept.to_string();
    let home = path.join(&name[name.len() - 2..]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |p: &std::path::Path| p.metadata().expect("is there").permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&home), mode(&home.join(&name))), (0o700, 0o700, 0o600));
    }
    // F1: of a write that was killed a half is left beside; nobody finds it, and it goes with its id.
    let killed = id();
    let name = killed.to_string();
    let home = path.join(&name[name.len() - 2..]);
    std::fs::create_dir_all(&home).expect("a folder");
    let half = home.join(format!("{name}.coming"));
    std::fs::write(&half, b"ha").expect("writes");
    assert!(read(&folder, killed).await.is_none());
    folder.remove(killed).await.expect("removes");
    assert!(!half.exists());
    // F4: a place that cannot be written to is told, and nothing is left.
    let blocked = id();
    let name = blocked.to_string();
    let _ = std::fs::remove_dir_all(path.join(&name[name.len() - 2..]));
    std::fs::write(path.join(&name[name.len() - 2..]), b"in the way").expect("writes");
    let fault = folder.put(blocked, Bytes::from_static(b"words")).await.expect_err("cannot");
    assert_eq!(fault.kind, kernel::FaultKind::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_keeps_bytes_under_signed_requests() {
    let (objects, endpoint) = service().await;
    let bucket = Bucket::new(&settings(&endpoint)).expect("an address");
    keeps_its_promises(&bucket).await;
    let kept = id();
    bucket.put(kept, Bytes::from_static(b"words")).await.expect("puts");
    assert!(objects.lock().expect("held").contains_key(&("handed-in".to_owned(), kept.to_string())));

    let mut wrong = settings(&endpoint);
    wrong.secret_key = SecretText::new("another".to_owned());
    let stranger = Bucket::new(&wrong).expect("an address");
    let fault = stranger.put(id(), Bytes::from_static(b"x")).await.expect_err("refused");
    assert!(fault.text.contains("403") && fault.text.contains("SignatureDoesNotMatch"), "{fault}");
    let refused = stranger.get(kept).await.err().expect("refused");
    assert_eq!(refused.kind, kernel::FaultKind::Unavailable);
    stranger.remove(kept).await.expect_err("refused");
    stranger.size(kept).await.expect_err("refused");
    assert_eq!(read(&bucket, kept).await.as_deref(), Some(&b"words"[..]));
    for fault in [fault, refused] {
        assert!(!fault.text.contains("another") && !fault.text.contains("X-Amz"), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_away_is_unavailable_and_never_a_missing_file() {
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let closed = format!("http://{}", socket.local_addr().expect("an address"));
    drop(socket);
    let bucket = Bucket::new(&settings(&closed)).expect("an address");
    for fault in
        [bucket.get(id()).await.err(), bucket.size(id()).await.err(), bucket.remove(id()).await.err()]
    {
        assert_eq!(fault.expect("away").kind, kernel::FaultKind::Unavailable);
    }
    for bad in ["", "not an address", "ftp://x.example", "/path"] {
        assert!(Bucket::new(&settings(bad)).is_err(), "{bad}");
    }
}
