//! What a category is and gives, written on its draft: basics, terms, groups.

use super::{Head, again, back, durations, head, id_in, shown, staff};
use crate::three::{self, Three};
use ::apps::{Audience, CategoryDef, Desk, Policy, SignMethod};
use askama::Template;
use axum::extract::Path;
use axum::response::IntoResponse;
use kernel::{CategoryId, Errors, Problem, text};
use lobby::{Answer, Cx, Retry, Stop};
use web::{Choice, Field, Form, Frame, Kind, Page, Summary, Words};

/// Fields in sets, each with a heading.
struct Set {
    title: &'static str,
    hint: &'static str,
    side_by_side: bool,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "category_part.html")]
struct Part {
    f: Frame,
    h: Head,
    summary: Summary,
    end: &'static str,
    sets: Vec<Set>,
}

/// The three parts: what each shows, and what it reads.
#[derive(Clone, Copy)]
enum Which {
    Basics,
    Terms,
    Groups,
}

impl Which {
    fn end(self) -> &'static str {
        match self {
            Which::Basics => "/basics",
            Which::Terms => "/terms",
            Which::Groups => "/groups",
        }
    }
}

/// What a field shows: what was typed, else what the draft says.
struct Values<'a> {
    w: &'a Words,
    typed: Option<&'a Form>,
    errors: &'a Errors,
}

impl Values<'_> {
    fn fill(&self, name: &str, field: Field, stored: impl Into<String>) -> Field {
        let value = self.typed.map_or_else(|| stored.into(), |form| form.get(name).to_owned());
        field.value(value).error(self.w, self.errors)
    }
    fn number(&self, name: &'static str, label: &str, stored: i64) -> Field {
        self.fill(name, Field::number(self.w, name, label).max(14), stored.to_string())
    }
    fn check(&self, name: &'static str, label: &str, on: bool) -> Field {
        self.fill(name, Field::check(self.w, name, label), if on { "on" } else { "" })
    }
    fn duration(&self, name: &'static str, label: &str, stored: i64) -> Field {
        let field = Field::text(self.w, name, label).narrow().max(20).hint(self.w.t("duration-hint"));
        self.fill(name, field, durations::write(stored))
    }
}

fn basics(v: &Values<'_>, d: &CategoryDef) -> Vec<Set> {
    let w = v.w;
    let audience =
        Audience::ALL.iter().map(|a| Choice::new(a.word(), w.t(super::audience_key(*a)))).collect();
    let plain = |title, hint, fields| Set { title: w.t(title), hint: w.t(hint), side_by_side: false, fields };
    let three = Three { w, typed: v.typed, errors: v.errors };
    let beside = |fields| Set { title: "", hint: "", side_by_side: true, fields };
    vec![
        beside(three.fields(Kind::Input("text"), "name", "name", &d.name, ::apps::NAME_MAX)),
        beside(three.fields(
            Kind::Area,
            "description",
            "cat-description",
            &d.description,
            ::apps::DESCRIPTION_MAX,
        )),
        plain(
            "category-who",
            "category-who-hint",
            vec![
                v.fill(
                    "audience",
                    Field::cards(w, "audience", "category-audience", audience),
                    d.audience.word(),
                ),
                v.check("needs_company", "category-needs-company", d.needs_company),
            ],
        ),
        plain(
            "category-review",
            "category-review-hint",
            vec![
                v.number("review_days", "cat-review-days", d.review_days),
                v.check("two_person", "category-two-person", d.two_person),
                v.number("place", "cat-place", d.place),
            ],
        ),
    ]
}

fn terms(v: &Values<'_>, d: &CategoryDef) -> Vec<Set> {
    let (w, t) = (v.w, &d.terms);
    let policy = |p: &Policy| {
        let hint = match p {
            Policy::Whitelist => "policy-whitelist-hint",
            Policy::Any => "policy-any-hint",
            Policy::Own => "policy-own-hint",
        };
        Choice::new(p.word(), w.t(super::policy_key(*p))).hint(w.t(hint))
    };
    let policies = Policy::ALL.iter().map(policy).collect();
    let sign = |m: &SignMethod| {
        let name = format!("sign_{}", m.word());
        let stored = if t.sign_methods.contains(m) { "on" } else { "" };
        let field = Field::made(w, Kind::Check, name.clone().into(), m.word().to_owned());
        v.fill(&name, field, stored)
    };
    let set =
        |title, hint, side_by_side, fields| Set { title: w.t(title), hint: w.t(hint), side_by_side, fields };
    vec![
        set(
            "terms-authorization",
            "terms-authorization-hint",
            false,
            vec![
                v.fill("policy", Field::cards(w, "policy", "terms-policy", policies), t.policy.word()),
                v.check("auth_page", "terms-auth-page", t.auth_page),
                v.check("pkce", "terms-pkce", t.pkce),
            ],
        ),
        set(
            "terms-test",
            "terms-test-hint",
            true,
            vec![
                v.duration("test_access", "terms-access", t.test.access_seconds),
                v.duration("test_refresh", "terms-refresh", t.test.refresh_seconds),
                v.number("test_users", "terms-users", t.test.user_limit),
                v.number("test_calls", "terms-calls", t.test.calls_a_day),
            ],
        ),
        set(
            "terms-online",
            "terms-online-hint",
            true,
            vec![
                v.duration("online_access", "terms-access", t.online.access_seconds),
                v.duration("online_refresh", "terms-refresh", t.online.refresh_seconds),
                v.number("online_users", "terms-users", t.online.user_limit),
                v.number("online_calls", "terms-calls", t.online.calls_a_day),
            ],
        ),
        set(
            "terms-calling",
            "terms-calling-hint",
            false,
            std::iter::once(v.number("method_qps", "terms-qps", t.method_qps))
                .chain(SignMethod::ALL.iter().map(sign))
                .collect(),
        ),
        set(
            "terms-go-online",
            "terms-go-online-hint",
            false,
            vec![
                v.number("min_calls", "terms-min-calls", t.go_online.min_calls),
                v.number("min_success", "terms-min-success", t.go_online.min_success),
                v.check("verified_company", "terms-verified", t.go_online.verified_company),
                v.check("report", "terms-report", t.go_online.report),
            ],
        ),
    ]
}

fn groups(v: &Values<'_>, d: &CategoryDef, all: &[catalogue::Group]) -> Vec<Set> {
    let w = v.w;
    let field = |g: &catalogue::Group| {
        let how = if d.given.contains(&g.key) {
            "given"
        } else if d.open.contains(&g.key) {
            "open"
        } else {
            "none"
        };
        let choices = [("given", "group-given"), ("open", "group-open"), ("none", "group-none")];
        let choices = choices.into_iter().map(|(value, key)| Choice::new(value, w.t(key))).collect();
        let name = format!("group_{}", g.key);
        let field = Field::made(w, Kind::Cards, name.clone().into(), g.name.get(w.lang).to_owned());
        let count = w.tn("group-methods", "n", g.methods);
        v.fill(&name, field.choices(choices).hint(count), how)
    };
    // A retired group is offered only where it is offered already.
    let offered = |g: &&catalogue::Group| !g.retired || d.given.contains(&g.key) || d.open.contains(&g.key);
    let fields = all.iter().filter(offered).map(field).collect();
    vec![Set { title: w.t("tab-groups"), hint: w.t("category-groups-hint"), side_by_side: false, fields }]
}

async fn page(
    cx: &Cx,
    which: Which,
    id: CategoryId,
    typed: Option<&Form>,
    r: Retry,
    since: Option<i64>,
) -> Answer {
    let desk = ::apps::category_at_desk(cx.apps(), id).await?;
    let (f, h) = head(cx, &desk, which.end(), since).await?;
    let v = Values { w: cx.w(), typed, errors: &r.errors };
    let sets = match which {
        Which::Basics => basics(&v, &desk.draft),
        Which::Terms => terms(&v, &desk.draft),
        Which::Groups => groups(&v, &desk.draft, &catalogue::list_groups(cx.catalogue()).await?),
    };
    let all: Vec<&Field> = sets.iter().flat_map(|s| &s.fields).collect();
    let summary = if r.said.is_empty() { Summary::new(cx.w(), &all) } else { Summary::said(r.said) };
    Ok((r.status, Page(Part { f, h, summary, end: which.end(), sets })).into_response())
}

fn number(e: &mut Errors, form: &Form, name: &'static str, most: u32) -> i64 {
    e.take(name, text::number(form.get(name), 0, most)).map_or(0, i64::from)
}

/// Numbers beyond 32 bits: calls a day.
fn large(e: &mut Errors, form: &Form, name: &'static str) -> i64 {
    let typed = form.get(name).trim();
    let read = match typed {
        "" => Err(Problem::Missing),
        t if t.len() <= 13 && t.bytes().all(|b| b.is_ascii_digit()) => {
            t.parse::<i64>().map_err(|_| Problem::BadNumber)
        }
        _ => Err(Problem::BadNumber),
    };
    match e.take(name, read) {
        Some(n) if n < 1 => {
            e.add(name, Problem::TooSmall(1));
            n
        }
        found => found.unwrap_or(1),
    }
}

fn read_basics(form: &Form, d: &mut CategoryDef) -> Errors {
    let mut e = Errors::default();
    d.name = three::read(form, "name");
    d.description = three::read(form, "description");
    let audience = Audience::from_word(form.get("audience")).ok_or(Problem::NotOneOfThese);
    d.audience = e.take("audience", audience).unwrap_or(d.audience);
    d.needs_company = form.is_checked("needs_company");
    d.review_days = e.take("review_days", text::number(form.get("review_days"), 1, 60)).map_or(1, i64::from);
    d.two_person = form.is_checked("two_person");
    d.place = number(&mut e, form, "place", 10_000);
    e
}

fn read_terms(form: &Form, d: &mut CategoryDef) -> Errors {
    let (mut e, t) = (Errors::default(), &mut d.terms);
    let policy = Policy::from_word(form.get("policy")).ok_or(Problem::NotOneOfThese);
    t.policy = e.take("policy", policy).unwrap_or(t.policy);
    t.auth_page = form.is_checked("auth_page");
    t.pkce = form.is_checked("pkce");
    for (stage, access, refresh, users, calls) in [
        (&mut t.test, "test_access", "test_refresh", "test_users", "test_calls"),
        (&mut t.online, "online_access", "online_refresh", "online_users", "online_calls"),
    ] {
        stage.access_seconds = e.take(access, durations::read(form.get(access))).unwrap_or(60);
        stage.refresh_seconds = e.take(refresh, durations::read(form.get(refresh))).unwrap_or(0);
        if stage.access_seconds < 60 || stage.access_seconds > 366 * 86_400 {
            e.add(access, Problem::BadNumber);
        }
        if stage.refresh_seconds != 0 && stage.refresh_seconds < stage.access_seconds {
            e.add(refresh, Problem::BadNumber);
        }
        stage.user_limit = large(&mut e, form, users);
        stage.calls_a_day = large(&mut e, form, calls);
    }
    t.method_qps =
        e.take("method_qps", text::number(form.get("method_qps"), 1, 1_000_000)).map_or(1, i64::from);
    let ticked = |m: &&SignMethod| form.is_checked(&format!("sign_{}", m.word()));
    t.sign_methods = SignMethod::ALL.iter().filter(ticked).copied().collect();
    if t.sign_methods.is_empty() {
        e.add("sign_sha256", Problem::Missing);
    }
    t.go_online.min_calls = number(&mut e, form, "min_calls", 1_000_000_000);
    t.go_online.min_success = number(&mut e, form, "min_success", 100);
    t.go_online.verified_company = form.is_checked("verified_company");
    t.go_online.report = form.is_checked("report");
    e
}

async fn read_groups(cx: &Cx, form: &Form, d: &mut CategoryDef) -> Result<Errors, Stop> {
    let mut e = Errors::default();
    let all = catalogue::list_groups(cx.catalogue()).await?;
    let offered = |g: &&catalogue::Group| !g.retired || d.given.contains(&g.key) || d.open.contains(&g.key);
    let offered: Vec<&catalogue::Group> = all.iter().filter(offered).collect();
    let (mut given, mut open) = (Vec::new(), Vec::new());
    for g in offered {
        let name = format!("group_{}", g.key);
        match form.get(&name) {
            "given" => given.push(g.key.clone()),
            "open" => open.push(g.key.clone()),
            "none" | "" => {}
            _ => e.add(name, Problem::NotOneOfThese),
        }
    }
    (d.given, d.open) = (given, open);
    Ok(e)
}

async fn edit(cx: &Cx, which: Which, id: &str, form: &Form) -> Answer {
    let (staff, id) = (staff(cx)?, id_in(id)?);
    let Desk { mut draft, .. } = ::apps::category_at_desk(cx.apps(), id).await?;
    let errors = match which {
        Which::Basics => read_basics(form, &mut draft),
        Which::Terms => read_terms(form, &mut draft),
        Which::Groups => read_groups(cx, form, &mut draft).await?,
    };
    if !errors.is_empty() {
        return page(cx, which, id, Some(form), Retry::fields(errors), None).await;
    }
    match ::apps::edit_category(cx.apps(), cx.by(), &staff, id, shown(form), draft).await {
        Ok(()) => Ok(back(id, which.end(), "category-saved")),
        Err(failure) => {
            let (r, since) = again(cx, failure, form)?;
            page(cx, which, id, Some(form), r, since).await
        }
    }
}

async fn show(cx: &Cx, which: Which, id: &str) -> Answer {
    staff(cx)?;
    page(cx, which, id_in(id)?, None, Retry::default(), None).await
}

pub async fn show_basics(cx: Cx, Path(id): Path<String>) -> Answer {
    show(&cx, Which::Basics, &id).await
}
pub async fn edit_basics(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    edit(&cx, Which::Basics, &id, &form).await
}
pub async fn show_terms(cx: Cx, Path(id): Path<String>) -> Answer {
    show(&cx, Which::Terms, &id).await
}
pub async fn edit_terms(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    edit(&cx, Which::Terms, &id, &form).await
}
pub async fn show_groups(cx: Cx, Path(id): Path<String>) -> Answer {
    show(&cx, Which::Groups, &id).await
}
pub async fn edit_groups(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    edit(&cx, Which::Groups, &id, &form).await
}
