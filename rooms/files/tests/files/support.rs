//! A house with people in it, a depot that can be told to fail, and files to hand in.

use bytes::Bytes;
use depot::Depot;
use depot::faults::Unreliable;
use files::{FileLine, Files, Purpose, Quota, Refusal};
use futures_util::TryStreamExt;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, RgbImage};
use kernel::{AccountId, By, DeveloperId, Email, Failure, FileId, Lang, Upload};
use people::{DeveloperInformation, Hasher, People, Seat, Session, StaffRole, Typed, Visitor};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use store::params;
use store::testing::{TestDb, TestHouse};

store::statements! {
    COUNT_ROWS = "SELECT count(*) FROM file";
    COUNT_GONE = "SELECT count(*) FROM file_gone";
    COUNT_AUDIT = "SELECT count(*) FROM audit WHERE action LIKE 'file.%'";
    FIND_USE = "SELECT files, bytes FROM file_use WHERE developer_id = $1";
    SUM_ROWS = "SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT) FROM
        (SELECT size FROM file WHERE developer_id = $1 UNION ALL
         SELECT size FROM file_gone WHERE developer_id = $1) AS f";
    SET_ROLE = "UPDATE member SET role = $2 WHERE account_id = $1";
}

pub struct Place {
    pub people: People,
    pub files: Files,
    pub depot: Arc<Unreliable>,
    pub kept: PathBuf,
    pub t: TestHouse,
}

pub struct Owner {
    pub account: AccountId,
    pub developer: DeveloperId,
    pub session: Session,
    pub seat: Seat,
}

pub fn by() -> By {
    By::house("test")
}

pub type Taken = Result<FileLine, Failure<Refusal>>;

pub fn refused(taken: Taken) -> Refusal {
    match taken {
        Err(Failure::Refused(refusal)) => refusal,
        Ok(line) => panic!("was taken: {line:?}"),
        Err(Failure::Fault(fault)) => panic!("a fault: {fault}"),
    }
}

pub fn upload(name: &str, bytes: &[u8]) -> Upload {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("writes");
    Upload { name: name.into(), size: bytes.len() as u64, sha256: kernel::sha256(bytes), bytes: file }
}

/// A picture in which no two places are alike.
pub fn pixels(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let n = x.wrapping_mul(2_654_435_761).wrapping_add(y.wrapping_mul(40_503)) >> 7;
        image::Rgb([n as u8, (x * 7 % 256) as u8, (y * 3 % 256) as u8])
    })
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut out);
    encoder.write_image(&pixels(width, height), width, height, ExtendedColorType::Rgb8).expect("encodes");
    out
}

pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, 80);
    DynamicImage::ImageRgb8(pixels(width, height)).write_with_encoder(encoder).expect("encodes");
    out
}

pub fn pdf() -> Vec<u8> {
    b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".to_vec()
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, b| {
        (0..8).fold(crc ^ u32::from(*b), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 })
    })
}

/// A chunk of a PNG, with the right sum.
pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    [&(data.len() as u32).to_be_bytes()[..], &body, &crc(&body).to_be_bytes()].concat()
}

/// The picture with a chunk more, right behind its head.
pub fn with_chunk(png: &[u8], kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&png[..33], &chunk(kind, data), &png[33..]].concat()
}

/// The picture, whole and sound, saying that it has another size.
pub fn declaring(png: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut head = png[16..29].to_vec();
    head[..4].copy_from_slice(&width.to_be_bytes());
    head[4..8].copy_from_slice(&height.to_be_bytes());
    [&png[..8], &chunk(b"IHDR", &head), &png[33..]].concat()
}

/// Exactly so many bytes, by a comment that nobody needs.
pub fn filled(png: &[u8], size: usize) -> Vec<u8> {
    let room = size - png.len() - 12;
    let text = [&b"Comment\0"[..], &vec![b'x'; room - 8]].concat();
    with_chunk(png, b"tEXt", &text)
}

impl Place {
    pub async fn over(db: TestDb) -> Place {
        Place::with(db, Quota { files: 10_000, bytes: 1 << 40 }).await
    }

    pub async fn with(db: TestDb, quota: Quota) -> Place {
        let t = db.house().await;
        let people = People { house: t.house.clone(), hasher: Hasher::with_memory(1, 64) };
        let texts = vec![(Lang::En, "Agreement".to_owned(), "Text".to_owned())];
        people::publish_agreement(&t.house, &by(), people::API_USE, 1, texts).await.expect("publishes");
        let kept = t.on.folder.path().join("files");
        let folder: Arc<dyn Depot> = Arc::new(depot::Folder::open(kept.clone()).expect("a folder"));
        let depot = Arc::new(Unreliable::new(folder));
        let files = Files::new(t.house.clone(), depot.clone(), quota, t.on.folder.path().to_owned());
        Place { people, files, depot, kept, t }
    }

    /// Another process on the same house.
    pub fn beside(&self) -> Files {
        let depot: Arc<dyn Depot> = Arc::new(depot::Folder::open(self.kept.clone()).expect("a folder"));
        Files::new(self.t.house.clone(), depot, self.files.quota, self.t.on.folder.path().to_owned())
    }

    async fn session(&self, token: kernel::Token) -> Session {
        match people::visitor(&self.people, Some(token)).await.expect("looks") {
            Visitor::SignedIn(session) => *session,
            _ => panic!("not signed in"),
        }
    }

    pub async fn account(&self, name: &str) -> (AccountId, Session) {
        let email = Email::parse(&format!("{name}@x.example")).expect("an address");
        let password = "a long enough sentence";
        let made =
            people::make_account(&self.people, &by(), email, name.to_owned(), password, Lang::En).await;
        let account = made.expect("makes");
        let signed =
            people::sign_in_after_link(&self.people, &by(), account, "test").await.expect("signs in");
        (account, self.session(signed.session).await)
    }

    pub async fn staff(&self, name: &str, role: StaffRole) -> Session {
        let (account, _) = self.account(name).await;
        let email = Email::parse(&format!("{name}@x.example")).expect("an address");
        people::add_staff_by_hand(&self.people, &by(), email, role).await.expect("adds");
        let signed =
            people::sign_in_after_link(&self.people, &by(), account, "test").await.expect("signs in");
        self.session(signed.session).await
    }

    pub async fn owner(&self, name: &str) -> Owner {
        let (account, session) = self.account(name).await;
        let agreement = people::agreement(&self.people, Lang::En).await.expect("is there");
        people::accept_agreement(&self.people, &by(), &session, agreement.id).await.expect("accepts");
        let typed = Typed {
            kind: "organisation".into(),
            name: name.into(),
            country: "ES".into(),
            contact_name: name.into(),
            mobile: "+34 600 111 222".into(),
            email: format!("{name}@x.example"),
            company: format!("{name} S.L."),
            licence_number: "B12345674".into(),
        };
        let information = DeveloperInformation::check(&typed).expect("is fine");
        let (developer, token) =
            people::activate(&self.people, &by(), &session, information).await.expect("activates");
        let session = self.session(token).await;
        let seat = session.seat().expect("a seat");
        Owner { account, developer, session, seat }
    }

    /// The same person in a role that looks only.
    pub async fn as_viewer(&self, o: &Owner) -> Session {
        self.set_role(o, "viewer").await;
        let session = self.session(o.session.token().clone()).await;
        self.set_role(o, "owner").await;
        session
    }

    async fn set_role(&self, o: &Owner, role: &'static str) {
        let account = o.account;
        let set = self.t.house.db.write(move |tx| tx.change(&SET_ROLE, params![account, role]));
        set.await.map_err(|e: kernel::Fault| e).expect("sets");
    }

    pub async fn take(&self, o: &Owner, purpose: Purpose, name: &str, bytes: &[u8]) -> Taken {
        files::take(&self.files, &by(), &o.seat, purpose, upload(name, bytes)).await
    }

    /// What is kept of a file.
    pub async fn bytes(&self, id: FileId) -> Option<Vec<u8>> {
        let reading = self.depot.get(id).await.expect("looks")?;
        let read = reading.bytes.try_collect::<Vec<Bytes>>().await.expect("reads").concat();
        assert_eq!(reading.size, read.len() as u64);
        Some(read)
    }

    pub async fn find(&self, o: &Owner, id: FileId) -> Option<FileLine> {
        let developer = o.developer;
        self.t.house.db.read(move |l| files::find(l, developer, id)).await.expect("looks")
    }

    pub async fn keep(&self, o: &Owner, id: FileId) -> Option<FileLine> {
        let developer = o.developer;
        self.t.house.db.write(move |tx| files::keep(tx, developer, id)).await.expect("keeps")
    }

    pub async fn let_go(&self, id: FileId) {
        let now = self.t.house.now();
        self.t.house.db.write(move |tx| files::let_go(tx, id, now)).await.expect("lets go");
    }

    pub async fn count(&self, s: &'static store::Statement) -> i64 {
        self.t.house.db.read(move |l| l.one::<(i64,)>(s, &[])).await.expect("reads").expect("a row").0
    }

    /// What a developer's files take up, as it is counted; it must be what is there.
    pub async fn usage(&self, o: &Owner) -> (i64, i64) {
        let developer = o.developer;
        let pairs = self.t.house.db.read(move |l| {
            let counted: Option<(i64, i64)> = l.one(&FIND_USE, params![developer])?;
            let summed: Option<(i64, i64)> = l.one(&SUM_ROWS, params![developer])?;
            Ok::<_, kernel::Fault>((counted.unwrap_or_default(), summed.unwrap_or_default()))
        });
        let (counted, summed) = pairs.await.expect("reads");
        assert_eq!(counted, summed, "what is counted is what is there");
        counted
    }

    /// All files in the depot's folder, also those half written.
    pub fn on_disk(&self) -> usize {
        let homes = std::fs::read_dir(&self.kept).expect("a folder").flatten();
        homes.map(|home| std::fs::read_dir(home.path()).expect("a folder").count()).sum()
    }

    pub fn a_day_later(&self) {
        self.t.clock.advance(24 * kernel::Time::HOUR + 1);
    }
}
