//! Files on pages: taken from a form's field, shown beside it.

use crate::{Cx, Stop};
use files::{FileLine, Purpose};
use kernel::{Errors, Failure, FileId};
use web::{FileForm, Kept, Words};

/// Takes the file that was chosen in a field of the form, if one was. What is wrong with it is said at the
/// field; the form is shown again then, and whatever else is right was not lost.
pub async fn take_file(
    cx: &Cx,
    form: &mut FileForm,
    field: &str,
    purpose: Purpose,
    errors: &mut Errors,
) -> Result<Option<FileLine>, Stop> {
    take_file_up_to(cx, form, field, purpose, purpose.most_megabytes(), errors).await
}

/// As [`take_file`], where the form says itself how many megabytes the field takes.
pub async fn take_file_up_to(
    cx: &Cx,
    form: &mut FileForm,
    field: &str,
    purpose: Purpose,
    megabytes: u32,
    errors: &mut Errors,
) -> Result<Option<FileLine>, Stop> {
    let Some(upload) = form.take_file(field) else { return Ok(None) };
    let seat = cx.session()?.seat()?;
    match files::take_up_to(cx.files(), cx.by(), &seat, purpose, megabytes, upload).await {
        Ok(line) => Ok(Some(line)),
        Err(Failure::Refused(refusal)) => match refusal.problem() {
            Some(problem) => {
                errors.add(field.to_owned(), problem);
                Ok(None)
            }
            None => Err(Failure::Refused(refusal).into()),
        },
        Err(fault) => Err(fault.into()),
    }
}

/// What a field shows of the file that is kept already.
pub fn kept(w: &Words, line: &FileLine) -> Kept {
    Kept { name: line.name.clone(), size: w.size(line.size), href: path_of(line.id) }
}

/// What may be chosen, under the field's label. `megabytes` is what the form itself allows.
pub fn file_hint(w: &Words, purpose: Purpose, megabytes: u32) -> String {
    let kinds = match purpose {
        Purpose::Picture | Purpose::Logo => "file-kinds-picture",
        Purpose::Document => "file-kinds-document",
        Purpose::Attachment => "file-kinds-attachment",
    };
    let most = i64::from(megabytes.min(purpose.most_megabytes())) * files::MB as i64;
    w.t2("file-hint", "size", w.size(most), "kinds", w.t(kinds))
}

pub fn path_of(id: FileId) -> String {
    format!("/files/{id}")
}
