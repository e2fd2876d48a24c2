//! The queue: what waits, the earliest promise first; narrowed, searched, and kept as views.

use crate::say::{self, Line, line};
use crate::{count, frame, not_found};
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{Errors, RequestId, Time, ViewId};
use lobby::{Answer, Cx, Retry, encode, retry};
use people::{OnStaff, StaffRole};
use review::{Filter, Kind, QUEUE_PAGE, Whose};
use web::{Choice, Field, Form, Frame, Page, Summary, see_other};

#[derive(Template)]
#[template(path = "queue.html")]
struct Queue {
    f: Frame,
    summary: Summary,
    tabs: Vec<Tab>,
    q: String,
    kinds: Vec<Choice>,
    filter: Filter,
    /// The filter as an address says it.
    query: String,
    lines: Vec<Line>,
    next: Option<String>,
    view_name: Field,
}

struct Tab {
    href: String,
    label: String,
    count: Option<String>,
    current: bool,
    /// Of a saved one, to take it away.
    id: Option<ViewId>,
}

impl Queue {
    fn is_filtered(&self) -> bool {
        !self.query.is_empty()
    }
    fn has_kind(&self, c: &Choice) -> bool {
        self.filter.kind.is_some_and(|k| k.word() == c.value)
    }
    fn is_whose(&self, word: &str) -> bool {
        whose_word(self.filter.whose) == word
    }
    fn has_lang(&self, lang: &kernel::Lang) -> bool {
        self.filter.lang == Some(*lang)
    }
    fn saved(&self) -> Option<&Tab> {
        self.tabs.iter().find(|t| t.current && t.id.is_some())
    }
    fn may_save(&self) -> bool {
        self.is_filtered() && self.q.is_empty() && !self.tabs.iter().any(|t| t.current)
    }
}

fn whose_word(whose: Whose) -> &'static str {
    match whose {
        Whose::Anyone => "",
        Whose::Mine => "mine",
        Whose::Nobody => "nobody",
    }
}

/// What the address asks for; what it does not mean is nothing.
fn filter_of(get: impl Fn(&str) -> String) -> Filter {
    Filter {
        kind: Kind::from_word(&get("kind")),
        whose: match get("whose").as_str() {
            "mine" => Whose::Mine,
            "nobody" => Whose::Nobody,
            _ => Whose::Anyone,
        },
        late: get("late") == "1",
        flagged: get("flagged") == "1",
        lang: say::lang_of(&get("lang")),
        snoozed: get("snoozed") == "1",
    }
}

/// The same in its one spelling: what views keep, and what cursors belong to.
fn query_of(f: &Filter) -> String {
    let mut parts = Vec::new();
    parts.extend(f.kind.map(|k| format!("kind={}", k.word())));
    parts.extend((f.whose != Whose::Anyone).then(|| format!("whose={}", whose_word(f.whose))));
    parts.extend(f.late.then(|| "late=1".to_owned()));
    parts.extend(f.flagged.then(|| "flagged=1".to_owned()));
    parts.extend(f.lang.map(|l| format!("lang={}", l.tag())));
    parts.extend(f.snoozed.then(|| "snoozed=1".to_owned()));
    parts.join("&")
}

fn place(text: &str) -> Option<(Time, RequestId)> {
    let (due, id) = text.split_once('-')?;
    Some((Time(due.parse().ok()?), id.parse().ok()?))
}

async fn tabs(cx: &Cx, staff: &OnStaff, query: &str, q: &str) -> Result<Vec<Tab>, lobby::Stop> {
    let (w, c) = (cx.w(), review::counts(cx.review(), staff).await?);
    let tab = |query_: &str, label: &str, n: Option<i64>, id| Tab {
        href: if query_.is_empty() { "/desk/queue".to_owned() } else { format!("/desk/queue?{query_}") },
        label: label.to_owned(),
        count: n.map(count),
        current: q.is_empty() && query == query_,
        id,
    };
    let mut tabs = vec![
        tab("", w.t("desk-tab-all"), Some(c.pending), None),
        tab("whose=mine", w.t("desk-tab-mine"), Some(c.mine), None),
        tab("whose=nobody", w.t("desk-tab-free"), Some(c.free), None),
        tab("late=1", w.t("desk-tab-late"), Some(c.late), None),
        tab("flagged=1", w.t("desk-tab-flagged"), Some(c.flagged), None),
    ];
    for v in review::list_views(cx.review(), staff).await? {
        tabs.push(tab(&v.query, &v.name, None, Some(v.id)));
    }
    Ok(tabs)
}

async fn page(cx: &Cx, filter: Filter, name: &str, r: Retry) -> Answer {
    let staff = cx.session()?.on_staff(StaffRole::Reviewer)?;
    let (w, house) = (cx.w(), &cx.review().house);
    let (now, me) = (house.now(), staff.account());
    let q: String = cx.query("q").trim().chars().take(60).collect();
    let query = query_of(&filter);
    let list = format!("queue {query}");
    let mut next = None;
    let found = if q.is_empty() {
        let after = house.read_cursor(&list, cx.query("after")).and_then(|p| place(&p));
        let mut found = review::queue(cx.review(), &staff, filter.clone(), after).await?;
        if found.len() > QUEUE_PAGE {
            found.truncate(QUEUE_PAGE);
            next = found.last().and_then(|l| Some(house.cursor(&list, &format!("{}-{}", l.due_at?.0, l.id))));
        }
        found
    } else {
        review::find_by_word(cx.review(), &staff, &q).await?
    };
    let next = next.map(|at| {
        let and = if query.is_empty() { "" } else { "&" };
        format!("/desk/queue?{query}{and}after={}", encode(&at))
    });
    let view_name = Field::text(w, "name", "desk-view-name").max(40).value(name).error(w, &r.errors);
    let page = Queue {
        f: frame(cx, "desk-queue", "/desk/queue"),
        summary: Summary::new(w, &[&view_name]),
        tabs: tabs(cx, &staff, &query, &q).await?,
        kinds: Kind::ALL.iter().map(|k| Choice::new(k.word(), w.t(say::kind(*k)))).collect(),
        lines: found.into_iter().map(|l| line(w, l, me, now)).collect(),
        q,
        filter,
        query,
        next,
        view_name,
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    let filter = filter_of(|name| cx.query(name).to_owned());
    page(&cx, filter, "", Retry::default()).await
}

pub async fn save_view(cx: Cx, form: Form) -> Answer {
    let staff = cx.session()?.on_staff(StaffRole::Reviewer)?;
    let filter = filter_of(|name| form.get(&format!("f_{name}")).to_owned());
    let query = query_of(&filter);
    let name = form.get("name");
    if query.is_empty() {
        let none = Retry {
            errors: Errors::default(),
            said: String::new(),
            status: StatusCode::UNPROCESSABLE_ENTITY,
        };
        return page(&cx, filter, name, none).await;
    }
    match review::save_view(cx.review(), cx.by(), &staff, name, &query).await {
        Ok(()) => Ok(see_other(&format!("/desk/queue?{query}&said=view-saved"))),
        Err(failure) => page(&cx, filter, name, retry(cx.w(), failure)?).await,
    }
}

pub async fn remove_view(cx: Cx, form: Form) -> Answer {
    let staff = cx.session()?.on_staff(StaffRole::Reviewer)?;
    let id: ViewId = form.get("view").parse().map_err(|_| not_found())?;
    review::remove_view(cx.review(), cx.by(), &staff, id).await?;
    Ok(see_other("/desk/queue?said=view-removed"))
}
