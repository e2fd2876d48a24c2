//! What a category looks like from the other side: the form as applicants see it, and what an app of it gets.

use super::{Head, audience_key, durations, head, id_in, policy_key, staff};
use askama::Template;
use axum::extract::Path;
use axum::response::IntoResponse;
use kernel::{Errors, Lang};
use lobby::{Answer, Cx, question};
use web::{Field, Frame, Page, Words};

struct Sheet {
    number: u32,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "category_preview.html")]
struct Preview {
    f: Frame,
    h: Head,
    lang: Lang,
    name: String,
    description: String,
    gets: Vec<(&'static str, String)>,
    sheets: Vec<Sheet>,
}

impl Preview {
    fn is_here(&self, lang: &Lang) -> bool {
        self.lang == *lang
    }
}

pub async fn show(cx: Cx, Path(id): Path<String>) -> Answer {
    staff(&cx)?;
    let desk = ::apps::category_at_desk(cx.apps(), id_in(&id)?).await?;
    let (f, h) = head(&cx, &desk, "/preview", None).await?;
    let lang = Lang::from_tag(cx.query("in")).filter(|l| Lang::ALL.contains(l)).unwrap_or(cx.w().lang);
    // The form speaks the language that is looked at; the page around it the reader's.
    let (w, d) = (Words::new(lang), &desk.draft);
    let form = d.form();
    let none = Errors::default();
    let mut numbers: Vec<u32> = d.fields.iter().map(|f| f.page).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let sheet = |number: u32| Sheet {
        number,
        fields: form.on_page(number).map(|d| question::field(&w, d, "", &[], &none)).collect(),
    };
    let groups = catalogue::list_groups(cx.catalogue()).await?;
    let page = Preview {
        name: d.name.get(lang).to_owned(),
        description: d.description.get(lang).to_owned(),
        gets: gets(cx.w(), d, &groups),
        sheets: numbers.into_iter().map(sheet).collect(),
        f,
        h,
        lang,
    };
    Ok(Page(page).into_response())
}

/// What an app inherits, in words.
fn gets(w: &Words, d: &::apps::CategoryDef, groups: &[catalogue::Group]) -> Vec<(&'static str, String)> {
    let t = &d.terms;
    let yes = |on: bool| w.t(if on { "cat-yes" } else { "cat-no" }).to_owned();
    let names = |keys: &[String]| {
        let name = |k: &String| {
            groups.iter().find(|g| g.key == *k).map_or_else(|| k.clone(), |g| g.name.get(w.lang).to_owned())
        };
        let all: Vec<String> = keys.iter().map(name).collect();
        if all.is_empty() { "—".to_owned() } else { all.join(", ") }
    };
    let both = |test: String, online: String| w.t2("test-and-online", "test", test, "online", online);
    let g = &t.go_online;
    let mut criteria = Vec::new();
    if g.min_calls > 0 {
        criteria.push(w.t1("criterion-calls", "n", g.min_calls));
    }
    if g.min_success > 0 {
        criteria.push(w.t1("criterion-success", "n", g.min_success));
    }
    if g.verified_company {
        criteria.push(w.t("terms-verified").to_owned());
    }
    if g.report {
        criteria.push(w.t("terms-report").to_owned());
    }
    let signs: Vec<&str> = t.sign_methods.iter().map(|m| m.word()).collect();
    vec![
        (w.t("category-audience"), w.t(audience_key(d.audience)).to_owned()),
        (w.t("category-needs-company"), yes(d.needs_company)),
        (w.t("terms-policy"), w.t(policy_key(t.policy)).to_owned()),
        (
            w.t("terms-access"),
            both(durations::write(t.test.access_seconds), durations::write(t.online.access_seconds)),
        ),
        (
            w.t("terms-refresh"),
            both(durations::write(t.test.refresh_seconds), durations::write(t.online.refresh_seconds)),
        ),
        (w.t("terms-auth-page"), yes(t.auth_page)),
        (w.t("terms-agreement"), "OAuth 2.0".to_owned()),
        (w.t("terms-users"), both(t.test.user_limit.to_string(), t.online.user_limit.to_string())),
        (w.t("terms-calls"), both(t.test.calls_a_day.to_string(), t.online.calls_a_day.to_string())),
        (w.t("terms-qps"), t.method_qps.to_string()),
        (w.t("terms-signs"), signs.join(", ")),
        (w.t("terms-pkce"), yes(t.pkce)),
        (w.t("group-given"), names(&d.given)),
        (w.t("group-open"), names(&d.open)),
        (w.t("terms-go-online"), if criteria.is_empty() { "—".to_owned() } else { criteria.join(", ") }),
        (w.t("cat-review-days"), d.review_days.to_string()),
        (w.t("category-two-person"), yes(d.two_person)),
    ]
}
