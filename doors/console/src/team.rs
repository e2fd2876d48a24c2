//! The team: members, invitations, roles.

use crate::{frame, role_key, seat};
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{AccountId, Email, Errors, InviteId, Problem};
use lobby::{Answer, Cx, Retry, Stop, retry};
use people::{Invite, Member, Role};
use web::{Choice, Field, Form, Frame, Page, Summary, Trouble, Words, see_other};

#[derive(Template)]
#[template(path = "team.html")]
struct Team {
    f: Frame,
    summary: Summary,
    members: Vec<Member>,
    invites: Vec<Invite>,
    own: AccountId,
    manages: bool,
    owns: bool,
    email: Field,
    role: Field,
}

impl Team {
    fn role(&self, role: &Role) -> &'static str {
        self.f.t(role_key(*role))
    }
}

fn role_choices(w: &Words) -> Vec<Choice> {
    let hint = |role| match role {
        Role::Admin => "role-admin-hint",
        Role::Engineer => "role-engineer-hint",
        _ => "role-viewer-hint",
    };
    Role::INVITABLE.iter().map(|r| Choice::new(r.word(), w.t(role_key(*r))).hint(w.t(hint(*r)))).collect()
}

async fn page(cx: &Cx, email: &str, role: &str, r: Retry) -> Answer {
    let (seat, w) = (seat(cx)?, cx.w());
    let (members, invites) = people::list_members(cx.people(), &seat).await?;
    let email = Field::email(w, "email", "email").value(email).error(w, &r.errors);
    let role = Field::cards(w, "role", "role", role_choices(w)).value(role).error(w, &r.errors);
    let page = Team {
        f: frame(cx, "nav-team", "/console/team").await?,
        summary: if r.said.is_empty() { Summary::new(w, &[&email, &role]) } else { Summary::said(r.said) },
        members,
        invites,
        own: cx.session()?.account.id,
        manages: seat.role().manages_team(),
        owns: seat.role() == Role::Owner,
        email,
        role,
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    page(&cx, "", "engineer", Retry::default()).await
}

pub async fn invite(cx: Cx, form: Form) -> Answer {
    let (session, seat) = (cx.session()?, seat(&cx)?);
    let mut errors = Errors::default();
    let email = errors.take("email", Email::parse(form.get("email")));
    let invitable = |r: &Role| Role::INVITABLE.contains(r);
    let role = Role::from_word(form.get("role")).filter(invitable).ok_or(Problem::NotOneOfThese);
    let role = errors.take("role", role);
    let (Some(email), Some(role)) = (email, role) else {
        return page(&cx, form.get("email"), form.get("role"), Retry::fields(errors)).await;
    };
    match people::invite(cx.people(), cx.by(), session, &seat, email, role, cx.w().lang).await {
        Ok(()) => {
            cx.ring();
            Ok(see_other("/console/team?said=invited"))
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, form.get("email"), form.get("role"), r).await
        }
    }
}

fn not_there() -> Stop {
    Trouble::new(StatusCode::NOT_FOUND, "not-found").into()
}

pub async fn withdraw(cx: Cx, form: Form) -> Answer {
    let which: InviteId = form.get("invite").parse().map_err(|_| not_there())?;
    people::withdraw_invite(cx.people(), cx.by(), &seat(&cx)?, which).await?;
    Ok(see_other("/console/team?said=invite-withdrawn"))
}

#[derive(Template)]
#[template(path = "member.html")]
struct MemberPage {
    f: Frame,
    summary: Summary,
    m: Member,
    role_name: &'static str,
    role: Field,
    owns: bool,
}

/// Where one comes back to when the password was asked for again.
fn path_of(who: AccountId) -> String {
    format!("/console/team/member?id={who}")
}

async fn member_page(cx: &Cx, who: &str, r: Retry) -> Answer {
    let (seat, w) = (cx.session()?.managing_seat()?, cx.w());
    let who: AccountId = who.parse().map_err(|_| not_there())?;
    let m = people::find_member(cx.people(), &seat, who).await?;
    cx.sudo(&path_of(who))?;
    let role = Field::cards(w, "role", "role", role_choices(w)).value(m.role.word()).error(w, &r.errors);
    let mut f = frame(cx, "member-title", "/console/team").await?.crumb("/console/team", w.t("nav-team"));
    f.title = m.name.clone();
    let page = MemberPage {
        f,
        summary: if r.said.is_empty() { Summary::new(w, &[&role]) } else { Summary::said(r.said) },
        role_name: w.t(role_key(m.role)),
        owns: seat.role() == Role::Owner,
        m,
        role,
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show_member(cx: Cx) -> Answer {
    member_page(&cx, cx.query("id"), Retry::default()).await
}

fn member_in(form: &Form) -> Result<AccountId, Stop> {
    form.get("member").parse().map_err(|_| not_there())
}

/// What the team's page says after a change; a refusal is shown on the member's page.
async fn settle(
    cx: &Cx,
    form: &Form,
    done: Result<(), kernel::Failure<people::Refusal>>,
    said: &str,
) -> Answer {
    match done {
        Ok(()) => Ok(see_other(&format!("/console/team?said={said}"))),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            member_page(cx, form.get("member"), r).await
        }
    }
}

pub async fn change_role(cx: Cx, form: Form) -> Answer {
    let (seat, who) = (seat(&cx)?, member_in(&form)?);
    let sudo = cx.sudo(&path_of(who))?;
    let Some(role) = Role::from_word(form.get("role")) else {
        let errors = Errors::one("role", Problem::NotOneOfThese);
        return member_page(&cx, form.get("member"), Retry::fields(errors)).await;
    };
    let done = people::change_role(cx.people(), cx.by(), &seat, who, role, sudo).await;
    settle(&cx, &form, done, "role-changed").await
}

pub async fn remove(cx: Cx, form: Form) -> Answer {
    let (seat, who) = (seat(&cx)?, member_in(&form)?);
    let sudo = cx.sudo(&path_of(who))?;
    let done = people::remove_member(cx.people(), cx.by(), &seat, who, sudo).await;
    settle(&cx, &form, done, "member-removed").await
}

pub async fn transfer(cx: Cx, form: Form) -> Answer {
    let (seat, who) = (seat(&cx)?, member_in(&form)?);
    let sudo = cx.sudo(&path_of(who))?;
    let done = people::transfer(cx.people(), cx.by(), &seat, who, sudo).await;
    if done.is_ok() {
        cx.ring();
    }
    settle(&cx, &form, done, "transferred").await
}

pub async fn leave(cx: Cx, _form: Form) -> Answer {
    let seat = seat(&cx)?;
    match people::leave(cx.people(), cx.by(), &seat).await {
        Ok(()) => Ok(see_other("/console?said=left")),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, "", "engineer", r).await
        }
    }
}
