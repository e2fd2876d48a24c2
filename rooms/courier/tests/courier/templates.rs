//! What the operator may do with our letters.

use crate::house::{audited, courier, post, to_sink};
use crate::sink::{Mood, Sink};
use courier::{
    Draft, LETTERS, MailSearch, Part, Refusal, Transport, deliver_due, edit_template, find_mail,
    find_template, list_mail, list_templates, preview, restore_template, send_test,
};
use kernel::{By, Email, Failure, Lang};
use store::testing::TestDb;

fn draft(subject: &str, body: &str) -> Draft {
    Draft { subject: subject.to_owned(), body: body.to_owned() }
}

store::on_both! {
    async fn a_template_is_edited_used_and_restored(on: TestDb) {
        let t = on.house().await;
        let c = courier(&t.house, Transport::Mailbox);
        let by = By::house("test");
        let lines = list_templates(&c).await.expect("lists");
        assert_eq!(lines.len(), LETTERS.len() * 3);
        assert!(lines.iter().all(|l| l.changed.is_none() && !l.subject.is_empty()));

        let own = draft(" Welcome, {{ name }}! ", "Come in.\r\n\r\n[[Enter]]\r\n");
        edit_template(&c, &by, "verify", Lang::En, own).await.expect("edits");
        let now = find_template(&c, "verify", Lang::En).await.expect("finds");
        assert_eq!(now.draft, draft("Welcome, {{ name }}!", "Come in.\n\n[[Enter]]"));
        assert_eq!(now.changed, Some((t.house.now(), "test".to_owned())));
        assert!(find_template(&c, "verify", Lang::Es).await.expect("finds").changed.is_none());
        assert_eq!(preview(&c, "verify", Lang::En).await.expect("previews").subject, "Welcome, Ada Lane!");
        post(&t.house, "ana@shop.example", "Ana").await;
        deliver_due(&c).await.expect("runs");
        assert_eq!(list_mail(&c, &MailSearch::default()).await.expect("lists")[0].subject, "Welcome, Ana!");

        t.clock.advance(1);
        edit_template(&c, &by, "verify", Lang::En, draft("Again", "[[Enter]]")).await.expect("edits again");
        t.clock.advance(1);
        restore_template(&c, &by, "verify", Lang::En).await.expect("restores");
        restore_template(&c, &by, "verify", Lang::En).await.expect("twice does no harm");
        assert!(find_template(&c, "verify", Lang::En).await.expect("finds").changed.is_none());
        let entry = |what: &str| (format!("mail_template.{what}"), "verify/en".to_owned());
        assert_eq!(audited(&t.house).await, [entry("changed"), entry("changed"), entry("restored")]);
    }

    async fn what_does_not_render_is_refused_with_its_line(on: TestDb) {
        let t = on.house().await;
        let c = courier(&t.house, Transport::Mailbox);
        let refused = async |name: &str, d: Draft| match edit_template(&c, &By::house("test"), name, Lang::En, d).await {
            Err(Failure::Refused(r)) => r,
            other => panic!("{other:?}"),
        };
        let Refusal::TemplateBroken(e) = refused("verify", draft("s", "a\nb {{ nme }}\n[[Go]]")).await else {
            panic!("another refusal")
        };
        assert_eq!((e.part, e.line), (Part::Body, 2));
        assert!(e.text.contains("there is no nme"), "{e}");
        assert!(matches!(refused("verify", draft("s", "no button")).await, Refusal::TemplateBroken(_)));
        assert_eq!(refused("nothing", draft("s", "b")).await, Refusal::TemplateUnknown);
        assert!(audited(&t.house).await.is_empty());
    }

    async fn a_broken_edited_template_does_not_hold_a_letter_up(on: TestDb) {
        let t = on.house().await;
        let c = courier(&t.house, Transport::Mailbox);
        t.on.by_hand("INSERT INTO mail_template (name, lang, subject, body, changed_at, changed_by)
            VALUES ('verify', 'en', 'Own', 'one {{ gone }}', 0, 'test')").await.expect("by hand");
        post(&t.house, "ana@shop.example", "Ana").await;
        deliver_due(&c).await.expect("runs");
        let mail = &list_mail(&c, &MailSearch::default()).await.expect("lists")[0];
        assert_eq!(mail.subject, "Confirm your e-mail address for Nordmarkt");
    }

    async fn a_test_letter_goes_at_once_or_says_why_not(on: TestDb) {
        let t = on.house().await;
        let sink = Sink::start(Mood::Takes).await;
        let (by, me) = (By::house("test"), Email::parse("me@nordmarkt.example").expect("fine"));
        let c = to_sink(&t.house, &sink);
        send_test(&c, &by, "invite", Lang::ZhCn, &me).await.expect("sends");
        assert_eq!(sink.received()[0].to, "me@nordmarkt.example");
        sink.set(Mood::ToSender("550 5.7.1 you may not send as that"));
        match send_test(&c, &by, "invite", Lang::ZhCn, &me).await {
            Err(Failure::Refused(Refusal::NotSent(why))) => assert!(why.contains("you may not send as that"), "{why}"),
            other => panic!("{other:?}"),
        }
        let here = courier(&t.house, Transport::Mailbox);
        send_test(&here, &by, "reset", Lang::Es, &me).await.expect("writes");
        let line = list_mail(&here, &MailSearch::default()).await.expect("lists").remove(0);
        let mail = find_mail(&here, line.id).await.expect("finds").expect("there");
        assert!(mail.html.contains("<html lang=\"es\"") && mail.text.contains("Hola, Ana Ruiz:"));
        assert_eq!(audited(&t.house).await.len(), 3);
    }
}
