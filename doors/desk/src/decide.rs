//! Deciding: choose the reasons, read the very mail that will go out, confirm, go on with the next one.

use crate::say::{self, Badge};
use crate::{frame, not_found};
use askama::Template;
use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use courier::{Courier, Rendered};
use kernel::{Errors, Failure, Lang, RequestId};
use lobby::{Answer, Cx, Retry, Stop, retry};
use people::{OnStaff, StaffRole, Sudo, Visitor};
use review::{Deciding, Decision, DeskItem, Reason, Refusal, State};
use web::{Field, Form, Frame, Page, Summary, cookies, see_other};

#[derive(Template)]
#[template(path = "decide.html")]
struct Decide {
    f: Frame,
    summary: Summary,
    id: RequestId,
    reference: String,
    title: String,
    round: i64,
    decision: Decision,
    heading: String,
    choices: Vec<ReasonChoice>,
    text: Field,
    typed: String,
    remarks: Vec<(String, String)>,
    lang: Lang,
    mail: Option<Mail>,
    /// The first of two agrees: no mail goes out.
    agrees_first: bool,
    /// Asked for where the password was not given lately.
    password: Option<Field>,
    code: Option<Field>,
    email: String,
}

struct ReasonChoice {
    name: String,
    title: String,
    body: String,
    chosen: bool,
}

struct Mail {
    name: String,
    lang: Lang,
    made: Rendered,
}

impl Decide {
    fn path(&self, act: &str) -> String {
        format!("/desk/requests/{}/{act}", self.id)
    }
    fn icon_of(&self) -> &'static str {
        match self.decision {
            Decision::Approve => "check",
            Decision::NeedsChanges => "edit",
            Decision::Reject => "x",
        }
    }
    fn class_of(&self) -> &'static str {
        if self.decision == Decision::Reject { "btn-danger" } else { "" }
    }
}

fn staff(cx: &Cx) -> Result<OnStaff, Stop> {
    Ok(cx.session()?.on_staff(StaffRole::Reviewer)?)
}

/// The library's reasons for this, each by the name of its box.
async fn library(cx: &Cx, d: &DeskItem, decision: Decision) -> Result<Vec<Reason>, Stop> {
    if decision == Decision::Approve {
        return Ok(Vec::new());
    }
    Ok(review::reasons_for(cx.review(), d.request.kind, decision).await?)
}

fn box_of(r: &Reason) -> String {
    format!("reason_{}", r.id)
}

struct Tried {
    deciding: Deciding,
    /// Whether something was sent, so that what is missing is told.
    sent: bool,
    retry: Retry,
}

async fn page(cx: &Cx, courier: &Courier, d: &DeskItem, library: Vec<Reason>, tried: Tried) -> Answer {
    let (staff, w, r) = (staff(cx)?, cx.w(), &d.request);
    let session = cx.session()?;
    let Tried { deciding, sent, mut retry } = tried;
    let (mut mail, mut agrees_first) = (None, false);
    match review::preview(cx.review(), &staff, r.id, &deciding).await {
        Ok(p) => match p.letter {
            None => agrees_first = true,
            Some(letter) => {
                let lang = if Lang::ALL.contains(&p.lang) { p.lang } else { Lang::En };
                let made =
                    courier::preview_with(courier, letter, lang, &p.args).await.map_err(|failure| {
                        match failure {
                            Failure::Fault(fault) => Stop::from(fault),
                            Failure::Refused(_) => not_found(),
                        }
                    })?;
                mail = Some(Mail { name: p.name, lang, made });
            }
        },
        // Nothing was chosen yet: the page says what is wanted, without reproach.
        Err(Failure::Refused(Refusal::NeedsReason)) if !sent => {}
        Err(Failure::Refused(Refusal::Changed)) => return already(cx, d, StatusCode::CONFLICT).await,
        Err(failure) => {
            let told = lobby::retry(w, failure)?;
            if retry.errors.is_empty() && retry.said.is_empty() {
                retry = told;
            }
        }
    }
    let key = say::decision(deciding.decision);
    let text = Field::area(w, "text", "desk-own-words")
        .hint(w.t1("desk-own-words-hint", "language", r.lang.own_name()))
        .max(review::NOTE_MAX)
        .rows(5)
        .optional()
        .value(deciding.text.clone())
        .error(w, &retry.errors);
    let has_sudo = session.sudo(cx.review().house.now()).is_ok();
    let ready = mail.is_some() || agrees_first;
    let password = (ready && !has_sudo)
        .then(|| Field::password(w, "password", "password", "current-password").error(w, &retry.errors));
    let code = (password.is_some() && session.account.has_totp)
        .then(|| Field::code(w, "code", "code").hint(w.t("code-hint")).error(w, &retry.errors));
    let fields: Vec<&Field> = [Some(&text), password.as_ref(), code.as_ref()].into_iter().flatten().collect();
    let summary = if retry.said.is_empty() { Summary::new(w, &fields) } else { Summary::said(retry.said) };
    let mut f = frame(cx, key, "/desk/queue").crumb("/desk/queue", w.t("desk-queue"));
    f.title = format!("{} · {}", w.t(key), r.reference);
    let label = |field: &str| {
        r.form.field(field).map_or_else(|| field.to_owned(), |x| x.label.get(r.lang).to_owned())
    };
    let remarks = d.remarks.iter().filter(|m| m.round == r.round).map(|m| (label(&m.field), m.text.clone()));
    let page = Decide {
        f,
        summary,
        id: r.id,
        reference: r.reference.clone(),
        title: r.title.get(w.lang).to_owned(),
        round: deciding.round,
        decision: deciding.decision,
        heading: w.t(key).to_owned(),
        choices: library
            .iter()
            .map(|x| ReasonChoice {
                name: box_of(x),
                title: x.title.get(w.lang).to_owned(),
                body: x.body.get(r.lang).to_owned(),
                chosen: deciding.reasons.contains(&x.id),
            })
            .collect(),
        text,
        typed: deciding.text,
        remarks: remarks.collect(),
        lang: r.lang,
        mail,
        agrees_first,
        password,
        code,
        email: session.account.email.clone(),
    };
    Ok((retry.status, Page(page)).into_response())
}

pub async fn show(cx: Cx, Extension(courier): Extension<Courier>, Path(id): Path<String>) -> Answer {
    let id: RequestId = {
        staff(&cx)?;
        id.parse().map_err(|_| not_found())?
    };
    let decision = Decision::from_word(cx.query("as")).ok_or_else(not_found)?;
    let d = review::find_for_desk(cx.review(), &staff(&cx)?, id).await?;
    let library = library(&cx, &d, decision).await?;
    let deciding = Deciding { decision, round: d.request.round, reasons: Vec::new(), text: String::new() };
    page(&cx, &courier, &d, library, Tried { deciding, sent: false, retry: Retry::default() }).await
}

/// What a form of this page asks for, beside the Request as it stands.
async fn read(cx: &Cx, id: &str, form: &Form) -> Result<(DeskItem, Vec<Reason>, Deciding), Stop> {
    let staff = staff(cx)?;
    let id: RequestId = id.parse().map_err(|_| not_found())?;
    let decision = Decision::from_word(form.get("decision")).ok_or_else(not_found)?;
    let round: i64 = form.get("round").parse().map_err(|_| not_found())?;
    let d = review::find_for_desk(cx.review(), &staff, id).await?;
    let library = library(cx, &d, decision).await?;
    let reasons = library.iter().filter(|r| form.is_checked(&box_of(r))).map(|r| r.id).collect();
    let text = form.get("text").to_owned();
    Ok((d, library, Deciding { decision, round, reasons, text }))
}

/// The page again, with the mail as it would be now. Nothing is changed.
pub async fn preview(
    cx: Cx,
    Extension(courier): Extension<Courier>,
    Path(id): Path<String>,
    form: Form,
) -> Answer {
    let (d, library, deciding) = read(&cx, &id, &form).await?;
    page(&cx, &courier, &d, library, Tried { deciding, sent: true, retry: Retry::default() }).await
}

/// The proof of a fresh password: had already, or given with the decision itself; then the session's new token too.
async fn proof(cx: &Cx, form: &Form) -> Result<(Sudo, Option<kernel::Token>), Failure<people::Refusal>> {
    let none = || Failure::Refused(people::Refusal::NotFound);
    let session = cx.session().map_err(|_| none())?;
    let now = cx.people().house.now();
    if let Ok(sudo) = session.sudo(now) {
        return Ok((sudo, None));
    }
    if form.get("password").is_empty() {
        return Err(Failure::Refused(people::Refusal::Invalid(Errors::one(
            "password",
            kernel::Problem::Missing,
        ))));
    }
    let (password, code) = (form.get("password"), form.get("code"));
    let token = people::confirm_sudo(cx.people(), cx.by(), session, password, code).await?;
    match people::visitor(cx.people(), Some(token.clone())).await? {
        Visitor::SignedIn(session) => Ok((session.sudo(now)?, Some(token))),
        _ => Err(none()),
    }
}

pub async fn decide(
    cx: Cx,
    Extension(courier): Extension<Courier>,
    Path(id): Path<String>,
    form: Form,
) -> Answer {
    let (d, library, deciding) = read(&cx, &id, &form).await?;
    let (sudo, token) = match proof(&cx, &form).await {
        Ok(proof) => proof,
        Err(failure) => {
            let retry = retry(cx.w(), failure)?;
            return page(&cx, &courier, &d, library, Tried { deciding, sent: true, retry }).await;
        }
    };
    let rq = d.request.id;
    let decided = review::decide(cx.review(), cx.by(), &staff(&cx)?, rq, &deciding, sudo).await;
    let mut response = match decided {
        Ok(_) => {
            cx.ring();
            see_other(&format!("/desk/requests/{rq}/done"))
        }
        // The forms of a page made now would belong to the session that just ended.
        Err(Failure::Refused(_)) if token.is_some() => see_other(&format!("/desk/requests/{rq}/done")),
        Err(Failure::Refused(Refusal::Changed)) => {
            let now = review::find_for_desk(cx.review(), &staff(&cx)?, rq).await?;
            already(&cx, &now, StatusCode::CONFLICT).await?
        }
        Err(failure) => {
            let retry = retry(cx.w(), failure)?;
            page(&cx, &courier, &d, library, Tried { deciding, sent: true, retry }).await?
        }
    };
    if let Some(token) = token {
        cookies::set(response.headers_mut(), cookies::SESSION, token.reveal(), true);
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "decided.html")]
struct DecidedPage {
    f: Frame,
    id: RequestId,
    reference: String,
    title: String,
    asker: String,
    state: Badge,
    is_pending: bool,
    agreed: bool,
    /// Somebody else, or an earlier press of the same button, was quicker.
    already: bool,
    by: String,
    at: Option<kernel::Time>,
    next: Option<(String, String)>,
}

/// How it stands now, and what to go on with.
async fn already(cx: &Cx, d: &DeskItem, status: StatusCode) -> Result<Response, Stop> {
    let (w, r) = (cx.w(), &d.request);
    let next = review::next(cx.review(), &staff(cx)?).await?.filter(|l| l.id != r.id);
    let last =
        d.entries.iter().rev().find(|e| {
            matches!(e.what, review::What::Approved | review::What::Rejected | review::What::SentBack)
        });
    let mut f = frame(cx, "desk-queue", "/desk/queue").crumb("/desk/queue", w.t("desk-queue"));
    f.title = r.reference.clone();
    let page = DecidedPage {
        f,
        id: r.id,
        reference: r.reference.clone(),
        title: r.title.get(w.lang).to_owned(),
        asker: d.asker.clone(),
        state: say::state(w, r.state),
        is_pending: r.state == State::Pending,
        agreed: d.agreed,
        already: status == StatusCode::CONFLICT,
        by: last.and_then(|e| e.name.clone()).unwrap_or_default(),
        at: last.map(|e| e.at),
        next: next.map(|l| {
            let title = format!("{} · {}", l.developer_name, l.title.get(w.lang));
            (format!("/desk/requests/{}", l.id), title)
        }),
    };
    Ok((status, Page(page)).into_response())
}

pub async fn done(cx: Cx, Path(id): Path<String>) -> Answer {
    let staff = staff(&cx)?;
    let id: RequestId = id.parse().map_err(|_| not_found())?;
    let d = review::find_for_desk(cx.review(), &staff, id).await?;
    already(&cx, &d, StatusCode::OK).await
}
