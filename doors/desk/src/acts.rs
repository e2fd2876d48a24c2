//! What one does with a Request from its page or the queue, short of deciding it.

use crate::item::{Typed, page};
use crate::not_found;
use axum::extract::Path;
use kernel::{AccountId, Failure, RequestId};
use lobby::{Answer, Cx, Stop, retry};
use people::{OnStaff, StaffRole};
use review::Refusal;
use web::{Form, see_other};

fn hand(cx: &Cx, id: &str) -> Result<(OnStaff, RequestId), Stop> {
    let staff = cx.session()?.on_staff(StaffRole::Reviewer)?;
    Ok((staff, id.parse().map_err(|_| not_found())?))
}

/// Back to the Request, with a word about what was done; or the page again, with what was typed.
async fn done(
    cx: &Cx,
    id: &str,
    said: &str,
    form: &str,
    text: &str,
    did: Result<(), Failure<Refusal>>,
) -> Answer {
    match did {
        Ok(()) => {
            cx.ring();
            Ok(see_other(&format!("/desk/requests/{id}?said={said}")))
        }
        Err(failure) => {
            let retry = retry(cx.w(), failure)?;
            page(cx, id, Typed { form: form.to_owned(), text: text.to_owned(), retry }).await
        }
    }
}

pub async fn claim(cx: Cx, Path(id): Path<String>, _: Form) -> Answer {
    let (staff, rq) = hand(&cx, &id)?;
    let did = review::claim(cx.review(), cx.by(), &staff, rq).await;
    done(&cx, &id, "request-claimed", "", "", did).await
}

pub async fn release(cx: Cx, Path(id): Path<String>, _: Form) -> Answer {
    let (staff, rq) = hand(&cx, &id)?;
    let did = review::release(cx.review(), cx.by(), &staff, rq).await;
    done(&cx, &id, "request-released", "", "", did).await
}

pub async fn assign(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (staff, rq) = hand(&cx, &id)?;
    let to: AccountId = form.get("to").parse().map_err(|_| not_found())?;
    let did = review::assign(cx.review(), cx.by(), &staff, rq, to).await;
    done(&cx, &id, "request-assigned", "", "", did).await
}

pub async fn snooze(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (staff, rq) = hand(&cx, &id)?;
    let days: u32 = form.get("days").parse().map_err(|_| not_found())?;
    let did = review::snooze(cx.review(), cx.by(), &staff, rq, days).await;
    done(&cx, &id, if days == 0 { "request-woken" } else { "request-snoozed" }, "", "", did).await
}

pub async fn remark(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (staff, rq) = hand(&cx, &id)?;
    let round: i64 = form.get("round").parse().map_err(|_| not_found())?;
    let (field, text) = (form.get("field"), form.get("text"));
    match review::remark(cx.review(), cx.by(), &staff, rq, round, field, text).await {
        // Back to where one was reading.
        Ok(()) => {
            Ok(see_other(&format!("/desk/requests/{rq}?said=remark-kept#field-{}", lobby::encode(field))))
        }
        failed => done(&cx, &id, "", field, text, failed).await,
    }
}

pub async fn note(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (staff, rq) = hand(&cx, &id)?;
    let did = review::note(cx.review(), cx.by(), &staff, rq, form.get("text")).await;
    done(&cx, &id, "note-kept", "note", form.get("text"), did).await
}

pub async fn ask(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (staff, rq) = hand(&cx, &id)?;
    let did = review::ask(cx.review(), cx.by(), &staff, rq, form.get("text")).await;
    done(&cx, &id, "message-sent", "ask", form.get("text"), did).await
}
