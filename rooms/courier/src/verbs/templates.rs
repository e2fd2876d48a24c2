//! What staff may do with the texts of our letters. Doors let only staff in here.

use crate::letters::{LETTERS, LetterKind};
use crate::model::{Draft, Part, Rendered, Template, TemplateError, TemplateLine};
use crate::rules::{Refusal, link};
use crate::smtp::{Outgoing, Trouble};
use crate::store::{DELETE_EDITED, Edited, FIND_EDITED, INSERT_MAIL, LIST_EDITED, PUT_EDITED};
use crate::templates::{Site, built_in, render};
use crate::{Answer, Courier, Transport};
use kernel::{By, Email, Failure, Fault, Lang, MailId, OutboxId};
use serde_json::{Value, json};
use store::{audit, params};

impl Courier {
    pub(crate) fn site(&self) -> Site<'_> {
        Site { name: &self.site_name, public_url: &self.public_url }
    }

    /// The operator's own text, if there is one.
    pub(crate) async fn edited(&self, name: &str, lang: Lang) -> Result<Option<Edited>, Fault> {
        let name = name.to_owned();
        self.house.db.read(move |look| look.one(&FIND_EDITED, params![&name, lang])).await
    }
}

fn known(name: &str, lang: Lang) -> Answer<&'static LetterKind> {
    let letter = LetterKind::find(name).filter(|_| Lang::ALL.contains(&lang));
    letter.ok_or(Failure::Refused(Refusal::TemplateUnknown))
}

/// Every letter in every language.
pub async fn list_templates(courier: &Courier) -> Result<Vec<TemplateLine>, Fault> {
    let edited: Vec<Edited> = courier.house.db.read(|look| look.all(&LIST_EDITED, &[])).await?;
    let line = |letter: &'static LetterKind, lang| {
        let own = edited.iter().find(|e| e.name == letter.name && e.lang == lang);
        TemplateLine {
            name: letter.name,
            lang,
            subject: own.map_or_else(|| built_in(letter, lang).subject, |e| e.subject.clone()),
            changed: own.map(|e| (e.at, e.by.clone())),
        }
    };
    Ok(LETTERS.iter().flat_map(|l| Lang::ALL.map(|lang| line(l, lang))).collect())
}

pub async fn find_template(courier: &Courier, name: &str, lang: Lang) -> Answer<Template> {
    let letter = known(name, lang)?;
    let edited = courier.edited(letter.name, lang).await?;
    let changed = edited.as_ref().map(|e| (e.at, e.by.clone()));
    let draft = edited.map_or_else(|| built_in(letter, lang), |e| Draft { subject: e.subject, body: e.body });
    Ok(Template { name: letter.name, lang, draft, args: letter.args, changed })
}

/// How the letter looks now, filled in with a sample.
pub async fn preview(courier: &Courier, name: &str, lang: Lang) -> Answer<Rendered> {
    let now = find_template(courier, name, lang).await?;
    preview_draft(courier, name, lang, &now.draft)
}

/// How the letter would look; refuses with the place and the reason if it would not do.
pub fn preview_draft(courier: &Courier, name: &str, lang: Lang, draft: &Draft) -> Answer<Rendered> {
    let letter = known(name, lang)?;
    let broken = |e| Failure::Refused(Refusal::TemplateBroken(e));
    let sample = letter.sample(lang);
    let rendered = render(draft, lang, &sample, courier.site()).map_err(broken)?;
    let opens = sample.get("path").and_then(Value::as_str).and_then(|p| link(&courier.public_url, p));
    if letter.carries_link && !opens.is_some_and(|l| rendered.text.contains(&l)) {
        let text = "without its button this letter is of no use: add a line [[…]]".to_owned();
        let line = draft.body.lines().count().max(1);
        return Err(broken(TemplateError { part: Part::Body, line, text }));
    }
    Ok(rendered)
}

/// How the letter will look when it goes out filled in so: the operator's text if it renders, else the built-in one.
pub async fn preview_with(courier: &Courier, name: &str, lang: Lang, args: &Value) -> Answer<Rendered> {
    let letter = known(name, lang)?;
    let none = serde_json::Map::new();
    let args = args.as_object().unwrap_or(&none);
    let now = find_template(courier, name, lang).await?.draft;
    let made = render(&now, lang, args, courier.site())
        .or_else(|_| render(&built_in(letter, lang), lang, args, courier.site()));
    made.map_err(|e| Failure::Refused(Refusal::TemplateBroken(e)))
}

/// Puts the operator's own text in place of the built-in one.
pub async fn edit_template(courier: &Courier, by: &By, name: &str, lang: Lang, draft: Draft) -> Answer<()> {
    let draft = Draft {
        subject: draft.subject.trim().to_owned(),
        body: draft.body.replace("\r\n", "\n").trim().to_owned(),
    };
    preview_draft(courier, name, lang, &draft)?;
    let letter = known(name, lang)?;
    let (h, by) = (courier.house.clone(), by.clone());
    let who = by.account.map_or_else(|| by.address.clone(), |a| a.to_string());
    courier
        .house
        .db
        .write(move |tx| {
            tx.change(&PUT_EDITED, params![letter.name, lang, &draft.subject, &draft.body, h.now(), &who])?;
            let subject = format!("{}/{}", letter.name, lang.tag());
            audit::record(tx, &h, &by, "mail_template.changed", subject, &json!({"subject": draft.subject}))?;
            Ok(())
        })
        .await
}

/// Goes back to the built-in text.
pub async fn restore_template(courier: &Courier, by: &By, name: &str, lang: Lang) -> Answer<()> {
    let letter = known(name, lang)?;
    let (h, by) = (courier.house.clone(), by.clone());
    courier
        .house
        .db
        .write(move |tx| {
            if tx.moved(&DELETE_EDITED, params![letter.name, lang])? {
                let subject = format!("{}/{}", letter.name, lang.tag());
                audit::record(tx, &h, &by, "mail_template.restored", subject, &json!({}))?;
            }
            Ok(())
        })
        .await
}

/// Sends the sample to somebody now, not by the outbox, so that who sets up the mail server is told what
/// the server says.
pub async fn send_test(courier: &Courier, by: &By, name: &str, lang: Lang, to: &Email) -> Answer<()> {
    let letter = known(name, lang)?;
    let rendered = preview(courier, name, lang).await?;
    let (h, by) = (courier.house.clone(), by.clone());
    let (to, id) = (to.as_typed().to_owned(), OutboxId::new(h.now(), &*h.random));
    let at = h.now();
    let (recipient, kept) = (to.clone(), rendered.clone());
    let mailbox = matches!(courier.transport, Transport::Mailbox);
    // The entry comes first: what could not be noted is not sent.
    let noted: Result<(), Fault> = courier
        .house
        .db
        .write(move |tx| {
            if mailbox {
                let mail = MailId::new(at, &*h.random);
                tx.change(
                    &INSERT_MAIL,
                    params![
                        mail,
                        id,
                        at,
                        &recipient,
                        lang,
                        letter.name,
                        &kept.subject,
                        &kept.text,
                        &kept.html
                    ],
                )?;
            }
            audit::record(tx, &h, &by, "mail_template.tested", letter.name, &json!({"lang": lang.tag()}))
        })
        .await;
    noted?;
    let Transport::Smtp(smtp) = &courier.transport else { return Ok(()) };
    smtp.send(&Outgoing { id, at, to: &to, letter: &rendered })
        .await
        .map_err(|(Trouble::Later(why) | Trouble::Never(why))| Failure::Refused(Refusal::NotSent(why)))
}
