//! Members of a developer: inviting, joining, roles, leaving, handing over.

use super::{hold, no};
use crate::rules::{INVITE_DAYS, INVITE_LETTERS, LETTERS_ADDRESS, Refusal, network};
use crate::store::{
    ACCEPT_INVITE, Credentials, DELETE_MEMBER, DELETE_SESSIONS, DEMOTE_OWNER, EXPIRE_INVITES, FIND_BY_ID,
    FIND_DEVELOPER, FIND_INVITATION, FIND_MEMBER, INSERT_INVITE, INSERT_MEMBER, LEAVE_SESSIONS, LIST_INVITES,
    LIST_MEMBERS, PROMOTE_OWNER, SET_ROLE, SWITCH_SESSION, WITHDRAW_INVITE,
};
use crate::{Answer, Developer, Invitation, Invite, Member, People, Role, Seat, Session, Sudo};
use kernel::{AccountId, By, DeveloperId, Email, Failure, InviteId, Lang, Token, TokenKind};
use serde_json::json;
use store::{Tx, audit, outbox, params};

pub async fn list_members(people: &People, seat: &Seat) -> Answer<(Vec<Member>, Vec<Invite>)> {
    let (id, now) = (seat.developer, people.house.now());
    people
        .house
        .db
        .read(move |l| Ok((l.all(&LIST_MEMBERS, params![id])?, l.all(&LIST_INVITES, params![id, now])?)))
        .await
}

pub async fn find_member(people: &People, seat: &Seat, who: AccountId) -> Answer<Member> {
    let id = seat.developer;
    let found =
        people.house.db.read(move |l| l.one(&FIND_MEMBER, params![id, who])).await.map_err(Failure::Fault)?;
    found.map_or_else(|| no(Refusal::NotFound), Ok)
}

fn must_manage(seat: &Seat) -> Answer<()> {
    if seat.role.manages_team() { Ok(()) } else { no(Refusal::NotAllowed) }
}

/// Invites somebody by mail. The invitation is for that address alone.
pub async fn invite(
    people: &People,
    by: &By,
    session: &Session,
    seat: &Seat,
    email: Email,
    role: Role,
    lang: Lang,
) -> Answer<()> {
    must_manage(seat)?;
    if !Role::INVITABLE.contains(&role) {
        return no(Refusal::NotAllowed);
    }
    let (h, by, seat, inviter) =
        (people.house.clone(), by.with(seat.account), seat.clone(), session.account.name.clone());
    people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            hold(tx, LETTERS_ADDRESS, &network(&by.address), now)?;
            hold(tx, INVITE_LETTERS, email.key(), now)?;
            tx.change(&EXPIRE_INVITES, params![seat.developer, now])?;
            let id = InviteId::new(now, &*h.random);
            let token = Token::new(TokenKind::Link, &*h.random);
            let made = tx.moved(
                &INSERT_INVITE,
                params![
                    id,
                    token.hash(),
                    seat.developer,
                    email.as_typed(),
                    email.key(),
                    role,
                    seat.account,
                    now,
                    now.plus_days(INVITE_DAYS)
                ],
            )?;
            if !made {
                return no(Refusal::MemberAlready);
            }
            let developer: Developer = tx
                .one(&FIND_DEVELOPER, params![seat.developer])?
                .ok_or(Failure::Refused(Refusal::NotFound))?;
            let args = json!({"developer": developer.name, "by": inviter, "role": role.word(),
                "path": format!("/invite?t={}", token.reveal())});
            outbox::post_letter(tx, &h, email.as_typed(), lang, "invite", &args)?;
            let detail = json!({"invite": id.to_string(), "role": role.word()});
            audit::record(tx, &h, &by, "member.invited", seat.developer, &detail)?;
            Ok(())
        })
        .await
}

pub async fn withdraw_invite(people: &People, by: &By, seat: &Seat, which: InviteId) -> Answer<()> {
    must_manage(seat)?;
    let (h, by, id) = (people.house.clone(), by.with(seat.account), seat.developer);
    people
        .house
        .db
        .write(move |tx| {
            if tx.changed::<(String,)>(&WITHDRAW_INVITE, params![which, id])?.is_none() {
                return no(Refusal::NotFound);
            }
            audit::record(tx, &h, &by, "member.invite_withdrawn", id, &json!({"invite": which.to_string()}))?;
            Ok(())
        })
        .await
}

/// What an invitation says, for whoever opened it.
pub async fn look_at_invitation(people: &People, token: Option<Token>) -> Answer<Invitation> {
    let Some(hash) = token.map(|t| t.hash()) else { return no(Refusal::BadLink) };
    let now = people.house.now();
    let found = people
        .house
        .db
        .read(move |l| l.one(&FIND_INVITATION, params![hash, now]))
        .await
        .map_err(Failure::Fault)?;
    found.map_or_else(|| no(Refusal::BadLink), Ok)
}

/// Joins, if the invitation was sent to this account's proved address.
pub async fn join(people: &People, by: &By, session: &Session, token: Token) -> Answer<()> {
    let invitation = look_at_invitation(people, Some(token.clone())).await?;
    let email = Email::parse(&session.account.email).map_err(|_| Failure::Refused(Refusal::OtherAddress))?;
    if Email::parse(&invitation.email).map(|e| e.key() != email.key()).unwrap_or(true) {
        return no(Refusal::OtherAddress);
    }
    let (h, by, account, own) =
        (people.house.clone(), by.with(session.account.id), session.account.id, session.id);
    people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            let accepted: Option<(DeveloperId, Role)> =
                tx.changed(&ACCEPT_INVITE, params![token.hash(), now, email.key()])?;
            let Some((developer, role)) = accepted else { return no(Refusal::BadLink) };
            if !tx.moved(&INSERT_MEMBER, params![developer, account, role, now])? {
                return no(Refusal::MemberAlready);
            }
            tx.change(&SWITCH_SESSION, params![own, developer, account])?;
            audit::record(tx, &h, &by, "member.joined", developer, &json!({"role": role.word()}))?;
            Ok(())
        })
        .await
}

/// Another role for somebody else; their sessions end, so that nothing of the old role lives on.
pub async fn change_role(
    people: &People,
    by: &By,
    seat: &Seat,
    who: AccountId,
    role: Role,
    _sudo: Sudo,
) -> Answer<()> {
    must_manage(seat)?;
    if !Role::INVITABLE.contains(&role) || who == seat.account {
        return no(Refusal::NotAllowed);
    }
    let (h, by, id) = (people.house.clone(), by.with(seat.account), seat.developer);
    people
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&SET_ROLE, params![id, who, role])? {
                return owner_or_nobody(tx, id, who);
            }
            tx.change(&DELETE_SESSIONS, params![who])?;
            let detail = json!({"member": who.to_string(), "role": role.word()});
            audit::record(tx, &h, &by, "member.role_changed", id, &detail)?;
            Ok(())
        })
        .await
}

fn owner_or_nobody(tx: &mut Tx<'_>, developer: DeveloperId, who: AccountId) -> Answer<()> {
    match tx.one::<Member>(&FIND_MEMBER, params![developer, who])? {
        Some(_) => no(Refusal::OwnerStays),
        None => no(Refusal::NotFound),
    }
}

async fn remove(
    people: &People,
    by: &By,
    developer: DeveloperId,
    who: AccountId,
    what: &'static str,
) -> Answer<()> {
    let (h, by) = (people.house.clone(), by.clone());
    people
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&DELETE_MEMBER, params![developer, who])? {
                return owner_or_nobody(tx, developer, who);
            }
            tx.change(&LEAVE_SESSIONS, params![developer, who])?;
            audit::record(tx, &h, &by, what, developer, &json!({"member": who.to_string()}))?;
            Ok(())
        })
        .await
}

pub async fn remove_member(people: &People, by: &By, seat: &Seat, who: AccountId, _sudo: Sudo) -> Answer<()> {
    must_manage(seat)?;
    remove(people, &by.with(seat.account), seat.developer, who, "member.removed").await
}

pub async fn leave(people: &People, by: &By, seat: &Seat) -> Answer<()> {
    remove(people, &by.with(seat.account), seat.developer, seat.account, "member.left").await
}

/// Hands the developer to another member; the old owner stays as an admin.
pub async fn transfer(people: &People, by: &By, seat: &Seat, to: AccountId, _sudo: Sudo) -> Answer<()> {
    if seat.role != Role::Owner || to == seat.account {
        return no(Refusal::NotAllowed);
    }
    let (h, by, seat) = (people.house.clone(), by.with(seat.account), seat.clone());
    people
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&DEMOTE_OWNER, params![seat.developer, seat.account])? {
                return no(Refusal::Changed);
            }
            let new: Member = tx
                .one(&FIND_MEMBER, params![seat.developer, to])?
                .ok_or(Failure::Refused(Refusal::NotFound))?;
            if !tx.moved(&PROMOTE_OWNER, params![seat.developer, to])? {
                return no(Refusal::OwnsAlready);
            }
            let developer: Developer = tx
                .one(&FIND_DEVELOPER, params![seat.developer])?
                .ok_or(Failure::Refused(Refusal::NotFound))?;
            let args = json!({"name": new.name, "developer": developer.name, "path": "/console/team"});
            let lang = tx.one::<Credentials>(&FIND_BY_ID, params![to])?.map_or(Lang::default(), |c| c.lang);
            outbox::post_letter(tx, &h, &new.email, lang, "ownership", &args)?;
            audit::record(
                tx,
                &h,
                &by,
                "developer.transferred",
                seat.developer,
                &json!({"to": to.to_string()}),
            )?;
            Ok(())
        })
        .await
}
