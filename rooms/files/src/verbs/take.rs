//! Taking a file in.

use super::no;
use crate::content::Checked;
use crate::store::{ARRIVE, BEGIN_USE, INSERT_COMING, TAKE_ROOM};
use crate::{Answer, FileLine, Files, Purpose, Refusal, clean_name};
use kernel::{AccountId, By, DeveloperId, Failure, Fault, FileId, Upload};
use people::{OnStaff, Seat};
use serde_json::json;
use store::{audit, params};

/// Whose it becomes, who brings it, and whether the quota may say no.
#[derive(Clone, Copy)]
struct Bringer {
    developer: Option<DeveloperId>,
    account: AccountId,
    is_bounded: bool,
}

/// Takes a file that was sent. It is loose until something names it.
pub async fn take(files: &Files, by: &By, seat: &Seat, purpose: Purpose, upload: Upload) -> Answer<FileLine> {
    take_up_to(files, by, seat, purpose, purpose.most_megabytes(), upload).await
}

/// As [`take`], where a form says itself how many megabytes it takes: never more than the purpose does.
pub async fn take_up_to(
    files: &Files,
    by: &By,
    seat: &Seat,
    purpose: Purpose,
    megabytes: u32,
    upload: Upload,
) -> Answer<FileLine> {
    if purpose != Purpose::Attachment && !seat.role().builds() {
        return no(Refusal::NotAllowed);
    }
    let from = Bringer { developer: Some(seat.developer()), account: seat.account(), is_bounded: true };
    bring(files, by, from, purpose, megabytes.min(purpose.most_megabytes()), upload).await
}

/// Takes a file from the staff. The developer to whom it is given may read it; it counts as theirs and is
/// taken even if their quota is used up. Without a developer it is the house's own.
pub async fn take_as_staff(
    files: &Files,
    by: &By,
    staff: &OnStaff,
    developer: Option<DeveloperId>,
    purpose: Purpose,
    upload: Upload,
) -> Answer<FileLine> {
    let from = Bringer { developer, account: staff.account(), is_bounded: false };
    bring(files, by, from, purpose, purpose.most_megabytes(), upload).await
}

/// First the row, so that no bytes lie anywhere that nobody knows of; then the bytes; then the row says that
/// they are there. Whatever breaks off between leaves a row that is collected.
async fn bring(
    files: &Files,
    by: &By,
    from: Bringer,
    purpose: Purpose,
    megabytes: u32,
    upload: Upload,
) -> Answer<FileLine> {
    let (name, sha256) = (upload.name.clone(), upload.sha256);
    let Checked { media, bytes } = files.workshop.check(purpose, megabytes, upload).await?;
    let name = clean_name(&name, media);
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let house = files.house.clone();
    let id = FileId::new(house.now(), &*house.random);
    let (h, quota) = (house.clone(), files.quota);
    house
        .db
        .write(move |tx| {
            if let Some(developer) = from.developer {
                let (most_files, most_bytes) =
                    if from.is_bounded { (quota.files, quota.bytes) } else { (i64::MAX, i64::MAX) };
                tx.change(&BEGIN_USE, params![developer])?;
                if !tx.moved(&TAKE_ROOM, params![developer, size, most_files, most_bytes])? {
                    return no(Refusal::NoRoom);
                }
            }
            let p = params![id, from.developer, from.account, h.now(), &name, media, size, &sha256[..]];
            tx.change(&INSERT_COMING, p)?;
            Ok(())
        })
        .await?;
    files.depot.put(id, bytes).await?;
    let (h, by) = (house.clone(), by.with(from.account));
    house
        .db
        .write(move |tx| {
            let line: Option<FileLine> = tx.changed(&ARRIVE, params![id, h.now()])?;
            // It took a day: it was collected meanwhile.
            let line = line.ok_or_else(|| Failure::Fault(Fault::unavailable("the file came too late")))?;
            let detail = json!({"name": line.name, "media": media.word(), "size": size,
                "developer": from.developer.map(|d| d.to_string())});
            audit::record(tx, &h, &by, "file.taken", id, &detail)?;
            Ok(line)
        })
        .await
}
