//! Many sellers at once: pasted, looked at line by line, and only then taken.

use super::staff;
use crate::frame;
use askama::Template;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kernel::{Errors, Failure, Problem};
use lobby::{Answer, Cx, Retry, retry};
use people::csv::CsvProblem;
use people::{ImportReport, Mode, Outcome, Refusal, Told};
use std::io::{Read, Seek, SeekFrom};
use web::{Field, FileForm, Form, Frame, Page, Summary, see_other};

/// Lines of a preview that are drawn; wrong ones come first.
const DRAWN: usize = 300;

#[derive(Template)]
#[template(path = "sellers_import.html")]
struct Import {
    f: Frame,
    summary: Summary,
    csv: Field,
    file: Field,
}

fn page(cx: &Cx, csv: &str, r: Retry) -> Answer {
    staff(cx)?;
    let w = cx.w();
    let csv = Field::area(w, "csv", "sellers-csv")
        .hint(w.t("sellers-csv-hint"))
        .rows(12)
        .value(csv)
        .error(w, &r.errors);
    let file = Field::file(w, "file", "sellers-file").accept("text/csv,.csv").optional().error(w, &r.errors);
    let summary = if r.said.is_empty() { Summary::new(w, &[&csv, &file]) } else { Summary::said(r.said) };
    let f = frame(cx, "sellers-import", "/desk/sellers").crumb("/desk/sellers", w.t("nav-sellers"));
    Ok((r.status, Page(Import { f, summary, csv, file })).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    page(&cx, "", Retry::default())
}

#[derive(Template)]
#[template(path = "sellers_preview.html")]
struct Preview {
    f: Frame,
    report: ImportReport,
    drawn: Vec<Told>,
    csv: String,
}

impl Preview {
    fn good(&self) -> usize {
        self.report.added() + self.report.changed()
    }
    fn confirm_words(&self) -> String {
        self.f.tn("import-confirm", "n", i64::try_from(self.good()).unwrap_or(0))
    }
    /// Of the lines that are not drawn.
    fn rest_words(&self) -> Option<String> {
        let rest = i64::try_from(self.report.lines.len() - self.drawn.len()).ok().filter(|n| *n > 0)?;
        Some(self.f.tn("import-rest", "n", rest))
    }
    fn badge(&self, t: &Told) -> (&'static str, &'static str, &'static str) {
        let (class, icon, key) = match t.outcome {
            Outcome::Added => ("badge-ok", "plus", "import-added"),
            Outcome::Changed => ("badge-info", "edit", "import-changed"),
            Outcome::Same => ("badge-off", "minus", "import-same"),
            Outcome::Unreadable(_) | Outcome::Wrong(_) => ("badge-bad", "alert", "import-wrong"),
        };
        (class, icon, self.f.t(key))
    }
    /// What is wrong with a line, each with the field it is about.
    fn problems(&self, t: &Told) -> Vec<String> {
        let w = &self.f.w;
        match &t.outcome {
            Outcome::Unreadable(p) => vec![
                w.t(match p {
                    CsvProblem::Quotes => "csv-quotes",
                    CsvProblem::LineEnd => "csv-line-end",
                    CsvProblem::Columns => "csv-columns",
                })
                .to_owned(),
            ],
            Outcome::Wrong(errors) => errors
                .0
                .iter()
                .map(|(field, p)| match p.number() {
                    Some(n) => format!("{field}: {}", w.tn(p.key(), "n", i64::from(n))),
                    None => format!("{field}: {}", w.t(p.key())),
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// The table in a file, as text.
async fn text_of(upload: kernel::Upload) -> Result<String, Problem> {
    if upload.size > people::IMPORT_BYTES as u64 {
        return Err(Problem::FileTooLarge(2));
    }
    let read = tokio::task::spawn_blocking(move || {
        let (mut bytes, mut text) = (upload.bytes, String::new());
        bytes.seek(SeekFrom::Start(0))?;
        bytes.read_to_string(&mut text)?;
        Ok::<_, std::io::Error>(text)
    });
    read.await.ok().and_then(Result::ok).ok_or(Problem::BadFile)
}

/// Shows what would be done. Nothing is written.
pub async fn preview(cx: Cx, mut form: FileForm) -> Answer {
    let staff = staff(&cx)?;
    let (csv, field) = match form.take_file("file") {
        Some(upload) => match text_of(upload).await {
            Ok(text) => (text, "file"),
            Err(p) => return page(&cx, form.get("csv"), Retry::fields(Errors::one("file", p))),
        },
        None => (form.get("csv").to_owned(), "csv"),
    };
    let csv = csv.as_str();
    let lines = match people::import_lines(csv) {
        Ok(lines) => lines,
        Err(p) => return page(&cx, form.get("csv"), Retry::fields(Errors::one(field, p))),
    };
    let report = people::import_sellers(cx.people(), cx.by(), &staff, lines, Mode::Try).await?;
    let mut drawn = report.lines.clone();
    drawn.sort_by_key(|t| (!matches!(t.outcome, Outcome::Wrong(_) | Outcome::Unreadable(_)), t.line));
    drawn.truncate(DRAWN);
    let f = frame(&cx, "sellers-preview", "/desk/sellers")
        .crumb("/desk/sellers", cx.w().t("nav-sellers"))
        .crumb("/desk/sellers/import", cx.w().t("sellers-import"));
    let page = Preview { f, report, drawn, csv: csv.to_owned() };
    Ok(Page(page).into_response())
}

/// Does what was shown.
pub async fn confirm(cx: Cx, request: Request) -> Answer {
    // Only of the staff is a long one read.
    let form = match staff(&cx) {
        Ok(_) => Form::long(request).await?,
        Err(_) => Form::from_request(request, &()).await?,
    };
    let staff = staff(&cx)?;
    // A browser writes line ends of its own into what it sends back: the text is read as it comes.
    let csv = form.get("csv");
    let lines = match people::import_lines(csv) {
        Ok(lines) => lines,
        Err(p) => return page(&cx, csv, Retry::fields(Errors::one("csv", p))),
    };
    let mode = if form.is_checked("all_or_nothing") { Mode::AllOrNothing } else { Mode::Keep };
    match people::import_sellers(cx.people(), cx.by(), &staff, lines, mode).await {
        Ok(report) if report.written => Ok(see_other("/desk/sellers?said=sellers-imported")),
        Ok(report) if report.wrong() == 0 => Ok(see_other("/desk/sellers?said=sellers-same")),
        Ok(_) => page(&cx, csv, retry(cx.w(), Failure::Refused(Refusal::Changed))?),
        Err(failure) => page(&cx, csv, retry(cx.w(), failure)?),
    }
}

/// All of them, as a table for spreadsheets and for importing again.
pub async fn export(cx: Cx) -> Answer {
    let staff = staff(&cx)?;
    let text = people::export_sellers(cx.people(), &staff).await?;
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"sellers.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let response: Response = (head, text).into_response();
    Ok(response)
}
