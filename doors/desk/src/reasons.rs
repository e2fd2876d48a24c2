//! The library of reasons: what reviewers may say with one click, in each language.

use crate::{frame, not_found, say};
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{Errors, Lang, ReasonId};
use lobby::{Answer, Cx, Retry, retry};
use people::StaffRole;
use review::{Decision, Kind, Reason, ReasonDraft};
use store::Texts;
use web::{Choice, Field, Form, Frame, Page, Summary, see_other};

#[derive(Template)]
#[template(path = "reasons.html")]
struct Reasons {
    f: Frame,
    lines: Vec<Row>,
}

struct Row {
    r: Reason,
    title: String,
    body: String,
    decision: &'static str,
    kind: &'static str,
}

pub async fn show(cx: Cx) -> Answer {
    cx.session()?.on_staff(StaffRole::Reviewer)?;
    let w = cx.w();
    let row = |r: Reason| Row {
        title: r.title.get(w.lang).to_owned(),
        body: r.body.get(w.lang).to_owned(),
        decision: w.t(say::decision(r.decision)),
        kind: w.t(r.kind.map_or("desk-any-kind", say::kind)),
        r,
    };
    let lines = review::list_reasons(cx.review()).await?.into_iter().map(row).collect();
    Ok(Page(Reasons { f: frame(&cx, "desk-reasons", "/desk/reasons"), lines }).into_response())
}

#[derive(Template)]
#[template(path = "reason_edit.html")]
struct Edit {
    f: Frame,
    summary: Summary,
    id: Option<ReasonId>,
    key: Field,
    key_text: String,
    decision: Field,
    kind: Field,
    place: Field,
    texts: Vec<(Lang, Field, Field)>,
}

fn page(cx: &Cx, id: Option<ReasonId>, d: &ReasonDraft, r: Retry) -> Answer {
    let w = cx.w();
    let decisions = [Decision::NeedsChanges, Decision::Reject]
        .map(|x| Choice::new(x.word(), w.t(say::decision(x))))
        .into_iter()
        .collect();
    let kinds = Kind::ALL.iter().map(|k| Choice::new(k.word(), w.t(say::kind(*k)))).collect();
    let key = Field::text(w, "key", "desk-reason-key").hint(w.t("desk-reason-key-hint")).max(40).narrow();
    let key = key.value(d.key.clone()).error(w, &r.errors);
    let decision = Field::cards(w, "decision", "desk-reason-decision", decisions);
    let decision = decision.value(d.decision.word()).error(w, &r.errors);
    let kind =
        Field::select(w, "kind", "desk-reason-kind", kinds).hint(w.t("desk-reason-kind-hint")).optional();
    let kind = kind.value(d.kind.map_or("", Kind::word)).error(w, &r.errors);
    let place = Field::number(w, "place", "desk-reason-place").value(d.place.to_string()).error(w, &r.errors);
    let texts: Vec<_> = Lang::ALL
        .map(|lang| {
            let of = |texts: &Texts| texts.0.get(&lang).cloned().unwrap_or_default();
            let (title, body) = match lang {
                Lang::En | Lang::Pseudo => ("title_en", "body_en"),
                Lang::ZhCn => ("title_zh-CN", "body_zh-CN"),
                Lang::Es => ("title_es", "body_es"),
            };
            let title = Field::text(w, title, "desk-reason-title").max(80);
            let body = Field::area(w, body, "desk-reason-body").max(1_000);
            let title = title.value(of(&d.title)).error(w, &r.errors);
            (lang, title, body.value(of(&d.body)).error(w, &r.errors))
        })
        .into_iter()
        .collect();
    let listed: Vec<&Field> = [&key, &decision, &kind, &place]
        .into_iter()
        .chain(texts.iter().flat_map(|(_, t, b)| [t, b]))
        .collect();
    let summary = if r.said.is_empty() { Summary::new(w, &listed) } else { Summary::said(r.said) };
    let mut f = frame(cx, "desk-reasons", "/desk/reasons").crumb("/desk/reasons", w.t("desk-reasons"));
    f.title = if id.is_some() { d.title.get(w.lang).to_owned() } else { w.t("desk-reason-new").to_owned() };
    let key_text = d.key.clone();
    Ok((r.status, Page(Edit { f, summary, id, key, key_text, decision, kind, place, texts })).into_response())
}

pub async fn show_edit(cx: Cx) -> Answer {
    cx.session()?.on_staff(StaffRole::Reviewer)?;
    let mut draft = ReasonDraft {
        key: String::new(),
        decision: Decision::NeedsChanges,
        kind: None,
        place: 50,
        title: Texts::default(),
        body: Texts::default(),
    };
    if cx.query("id").is_empty() {
        return page(&cx, None, &draft, Retry::default());
    }
    let id: ReasonId = cx.query("id").parse().map_err(|_| not_found())?;
    let found =
        review::list_reasons(cx.review()).await?.into_iter().find(|r| r.id == id).ok_or_else(not_found)?;
    (draft.key, draft.decision, draft.kind) = (found.key, found.decision, found.kind);
    (draft.place, draft.title, draft.body) = (found.place, found.title, found.body);
    page(&cx, Some(id), &draft, Retry::default())
}

pub async fn edit(cx: Cx, form: Form) -> Answer {
    let staff = cx.session()?.on_staff(StaffRole::Reviewer)?;
    let id: Option<ReasonId> = match form.get("id") {
        "" => None,
        text => Some(text.parse().map_err(|_| not_found())?),
    };
    let texts = |what: &str| {
        Texts(
            Lang::ALL.map(|l| (l, form.get(&format!("{what}_{}", l.tag())).to_owned())).into_iter().collect(),
        )
    };
    let mut errors = Errors::default();
    let place = errors.take("place", kernel::text::number(form.get("place"), 0, 999));
    let draft = ReasonDraft {
        key: form.get("key").to_owned(),
        decision: Decision::from_word(form.get("decision")).unwrap_or(Decision::Approve),
        kind: Kind::from_word(form.get("kind")),
        place: i64::from(place.unwrap_or(50)),
        title: texts("title"),
        body: texts("body"),
    };
    if !errors.is_empty() {
        return page(
            &cx,
            id,
            &draft,
            Retry { status: StatusCode::UNPROCESSABLE_ENTITY, errors, said: String::new() },
        );
    }
    match review::save_reason(cx.review(), cx.by(), &staff, id, &draft).await {
        Ok(_) => Ok(see_other("/desk/reasons?said=reason-saved")),
        Err(failure) => page(&cx, id, &draft, retry(cx.w(), failure)?),
    }
}

pub async fn retire(cx: Cx, form: Form) -> Answer {
    let staff = cx.session()?.on_staff(StaffRole::Reviewer)?;
    let id: ReasonId = form.get("reason").parse().map_err(|_| not_found())?;
    let retired = form.get("retired") == "1";
    review::retire_reason(cx.review(), cx.by(), &staff, id, retired).await?;
    let said = if retired { "reason-retired" } else { "reason-back" };
    Ok(see_other(&format!("/desk/reasons?said={said}")))
}
