//! Sellers: found by the beginning of their codes, added, changed, suspended; who acts for them.

pub mod import;

use crate::frame;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{AccountId, Country, Email, Errors, SellerId};
use lobby::{Answer, Cx, Retry, Stop, retry};
use people::{OnStaff, SELLERS_ROLE, Seller, SellerLine, SellerState, SellerTyped, emails_in};
use web::{Choice, Field, Form, Frame, Page, Summary, Trouble, Words, see_other};

/// How a state is shown: class, icon, message.
pub fn state_badge(state: SellerState) -> (&'static str, &'static str, &'static str) {
    match state {
        SellerState::Active => ("badge-ok", "check", "seller-active"),
        SellerState::Suspended => ("badge-bad", "pause", "seller-suspended"),
        SellerState::Closed => ("badge-off", "minus", "seller-closed"),
    }
}

pub fn country_name(w: &Words, code: &str) -> String {
    Country::parse(code).map_or_else(|_| code.to_owned(), |c| c.name(w.lang).to_owned())
}

fn staff(cx: &Cx) -> Result<OnStaff, Stop> {
    Ok(cx.session()?.on_staff(SELLERS_ROLE)?)
}

fn gone() -> Stop {
    Trouble::new(StatusCode::NOT_FOUND, "not-found").into()
}

#[derive(Template)]
#[template(path = "sellers.html")]
struct Sellers {
    f: Frame,
    q: String,
    lines: Vec<SellerLine>,
    next: Option<String>,
}

impl Sellers {
    fn badge(&self, l: &SellerLine) -> (&'static str, &'static str, &'static str) {
        let (class, icon, key) = state_badge(l.state);
        (class, icon, self.f.t(key))
    }
    fn country(&self, l: &SellerLine) -> String {
        country_name(&self.f.w, &l.country)
    }
}

pub async fn show(cx: Cx) -> Answer {
    let staff = staff(&cx)?;
    let house = &cx.people().house;
    let q: String = cx.query("q").trim().chars().take(80).collect();
    // A cursor is good for the search it was made in.
    let list = format!("sellers {}", kernel::fold(&q));
    let after = house.read_cursor(&list, cx.query("after"));
    let (lines, next) = people::list_sellers(cx.people(), &staff, &q, after).await?;
    let next = next.map(|place| house.cursor(&list, &place));
    Ok(Page(Sellers { f: frame(&cx, "nav-sellers", "/desk/sellers"), q, lines, next }).into_response())
}

struct Fields {
    short_code: Field,
    name: Field,
    country: Field,
    emails: Field,
}

fn fields(w: &Words, t: &SellerTyped, errors: &Errors) -> Fields {
    let countries = Country::all().map(|c| Choice::new(c.code(), c.name(w.lang))).collect();
    let emails = t.emails.as_ref().map(|e| e.join("\n")).unwrap_or_default();
    Fields {
        short_code: Field::text(w, "short_code", "seller-code")
            .hint(w.t("seller-code-hint"))
            .max(people::SHORT_CODE_MAX)
            .value(&t.short_code)
            .autocomplete("off")
            .narrow()
            .error(w, errors),
        name: Field::text(w, "name", "seller-name")
            .max(kernel::text::NAME_MAX)
            .value(&t.name)
            .autocomplete("off")
            .error(w, errors),
        country: Field::select(w, "country", "country", countries).value(&t.country).error(w, errors),
        emails: Field::area(w, "emails", "seller-emails")
            .hint(w.t("seller-emails-hint"))
            .optional()
            .value(emails)
            .error(w, errors),
    }
}

impl Fields {
    fn summary(&self, w: &Words, said: String) -> Summary {
        match said.is_empty() {
            true => Summary::new(w, &[&self.short_code, &self.name, &self.country, &self.emails]),
            false => Summary::said(said),
        }
    }
}

fn typed(form: &Form) -> SellerTyped {
    SellerTyped {
        short_code: form.get("short_code").to_owned(),
        name: form.get("name").to_owned(),
        country: form.get("country").to_owned(),
        state: None,
        emails: Some(emails_in(form.get("emails"))),
    }
}

#[derive(Template)]
#[template(path = "seller_new.html")]
struct New {
    f: Frame,
    summary: Summary,
    fields: Fields,
}

fn new_page(cx: &Cx, t: &SellerTyped, r: Retry) -> Answer {
    let fields = fields(cx.w(), t, &r.errors);
    let f = frame(cx, "seller-add", "/desk/sellers").crumb("/desk/sellers", cx.w().t("nav-sellers"));
    let summary = fields.summary(cx.w(), r.said);
    Ok((r.status, Page(New { f, summary, fields })).into_response())
}

pub async fn show_new(cx: Cx) -> Answer {
    staff(&cx)?;
    new_page(&cx, &SellerTyped::default(), Retry::default())
}

pub async fn add(cx: Cx, form: Form) -> Answer {
    let (staff, typed) = (staff(&cx)?, typed(&form));
    match people::add_seller(cx.people(), cx.by(), &staff, &typed).await {
        Ok(id) => Ok(see_other(&format!("/desk/sellers/{id}?said=seller-added"))),
        Err(failure) => new_page(&cx, &typed, retry(cx.w(), failure)?),
    }
}

#[derive(Template)]
#[template(path = "seller.html")]
struct One {
    f: Frame,
    summary: Summary,
    s: Seller,
    fields: Fields,
    email: Field,
}

impl One {
    fn badge(&self) -> (&'static str, &'static str, &'static str) {
        let (class, icon, key) = state_badge(self.s.line.state);
        (class, icon, self.f.t(key))
    }
    /// The other states: word, what the button says, and whether it takes something away.
    fn moves(&self) -> Vec<(&'static str, &'static str, &'static str, bool)> {
        let all = [
            (SellerState::Active, "seller-activate", "seller-activate-hint", false),
            (SellerState::Suspended, "seller-suspend", "seller-suspend-hint", true),
            (SellerState::Closed, "seller-close", "seller-close-hint", true),
        ];
        let others = all.into_iter().filter(|(state, ..)| *state != self.s.line.state);
        others.map(|(state, say, hint, bad)| (state.word(), self.f.t(say), self.f.t(hint), bad)).collect()
    }
}

/// What was tried on the page of one seller, and came back.
#[derive(Default)]
struct Tried {
    typed: Option<SellerTyped>,
    email: String,
}

async fn page(cx: &Cx, id: &str, tried: Tried, r: Retry) -> Answer {
    let (staff, w) = (staff(cx)?, cx.w());
    let s = people::find_seller(cx.people(), &staff, id.parse().map_err(|_| gone())?).await?;
    let now = SellerTyped {
        short_code: s.line.short_code.clone(),
        name: s.line.name.clone(),
        country: s.line.country.clone(),
        state: None,
        emails: Some(s.emails.clone()),
    };
    let fields = fields(w, &tried.typed.unwrap_or(now), &r.errors);
    let email = Field::email(w, "email", "email")
        .hint(w.t("seller-account-hint"))
        .value(&tried.email)
        .error(w, &r.errors);
    let summary = match r.said.is_empty() {
        true => Summary::new(w, &[&fields.name, &fields.country, &fields.emails, &email]),
        false => Summary::said(r.said),
    };
    let mut f = frame(cx, "nav-sellers", "/desk/sellers").crumb("/desk/sellers", w.t("nav-sellers"));
    f.title = s.line.name.clone();
    Ok((r.status, Page(One { f, summary, s, fields, email })).into_response())
}

pub async fn show_one(cx: Cx, Path(id): Path<String>) -> Answer {
    page(&cx, &id, Tried::default(), Retry::default()).await
}

async fn seller(cx: &Cx, staff: &OnStaff, id: &str) -> Result<Seller, Stop> {
    let id: SellerId = id.parse().map_err(|_| gone())?;
    Ok(people::find_seller(cx.people(), staff, id).await?)
}

pub async fn edit(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let staff = staff(&cx)?;
    let s = seller(&cx, &staff, &id).await?;
    let typed = SellerTyped { short_code: s.line.short_code, ..typed(&form) };
    match people::edit_seller(cx.people(), cx.by(), &staff, s.line.id, &typed).await {
        Ok(()) => Ok(see_other(&format!("/desk/sellers/{id}?said=saved"))),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, &id, Tried { typed: Some(typed), ..Tried::default() }, r).await
        }
    }
}

pub async fn set_state(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let staff = staff(&cx)?;
    let seller: SellerId = id.parse().map_err(|_| gone())?;
    let state = |name| SellerState::from_word(form.get(name)).ok_or_else(gone);
    let (from, to) = (state("from")?, state("to")?);
    match people::set_seller_state(cx.people(), cx.by(), &staff, seller, from, to).await {
        Ok(()) => Ok(see_other(&format!("/desk/sellers/{id}?said=seller-state"))),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, &id, Tried::default(), r).await
        }
    }
}

pub async fn add_account(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let staff = staff(&cx)?;
    let seller: SellerId = id.parse().map_err(|_| gone())?;
    let tried = || Tried { email: form.get("email").to_owned(), ..Tried::default() };
    let email = match Email::parse(form.get("email")) {
        Ok(email) => email,
        Err(p) => return page(&cx, &id, tried(), Retry::fields(Errors::one("email", p))).await,
    };
    match people::add_seller_account(cx.people(), cx.by(), &staff, seller, email).await {
        Ok(()) => Ok(see_other(&format!("/desk/sellers/{id}?said=seller-account-added"))),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, &id, tried(), r).await
        }
    }
}

pub async fn remove_account(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let staff = staff(&cx)?;
    let seller: SellerId = id.parse().map_err(|_| gone())?;
    let who: AccountId = form.get("account").parse().map_err(|_| gone())?;
    people::remove_seller_account(cx.people(), cx.by(), &staff, seller, who).await?;
    Ok(see_other(&format!("/desk/sellers/{id}?said=seller-account-removed")))
}
