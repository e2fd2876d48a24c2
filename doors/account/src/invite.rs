//! Joining a team by invitation.

use askama::Template;
use axum::response::IntoResponse;
use lobby::{Answer, Cx, Stop, encode, retry};
use people::{Invitation, Visitor};
use web::{Form, Frame, Page, Summary, see_other};

#[derive(Template)]
#[template(path = "invite.html")]
struct Invited {
    f: Frame,
    summary: Summary,
    i: Invitation,
    role: &'static str,
    token: String,
    /// The address of whoever is signed in, if it is another than the one invited.
    other: Option<String>,
    signed_in: bool,
    next: String,
}

async fn page(cx: &Cx, text: &str, said: String) -> Answer {
    let i = people::look_at_invitation(cx.people(), cx.link(text)).await?;
    let own = match cx.visitor() {
        Visitor::SignedIn(session) => Some(session.account.email.clone()),
        _ => None,
    };
    let page = Invited {
        f: cx.frame("invite-title"),
        summary: Summary::said(said),
        role: cx.w().t(role_key(i.role)),
        token: text.to_owned(),
        signed_in: own.is_some(),
        other: own.filter(|e| !e.eq_ignore_ascii_case(&i.email)),
        next: encode(&format!("/invite?t={text}")),
        i,
    };
    Ok(Page(page).into_response())
}

fn role_key(role: people::Role) -> &'static str {
    match role {
        people::Role::Owner => "role-owner",
        people::Role::Admin => "role-admin",
        people::Role::Engineer => "role-engineer",
        people::Role::Viewer => "role-viewer",
    }
}

pub async fn show(cx: Cx) -> Answer {
    page(&cx, cx.query("t"), String::new()).await
}

pub async fn join(cx: Cx, form: Form) -> Answer {
    let text = form.get("t");
    let Visitor::SignedIn(session) = cx.visitor() else {
        return Err(Stop::To(format!("/login?next={}", encode(&format!("/invite?t={text}")))));
    };
    let Some(token) = cx.link(text) else { return page(&cx, "", String::new()).await };
    match people::join(cx.people(), cx.by(), session, token).await {
        Ok(()) => Ok(see_other("/console?said=joined")),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, text, r.said).await
        }
    }
}
