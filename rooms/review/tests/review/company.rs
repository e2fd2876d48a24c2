//! Company verification: what is known already, what the machine finds, what approval sets down.

use crate::support::{Owner, Place, answers, by};
use kernel::{Failure, Fault, Lang, RequestId, SellerId};
use review::{Check, CompanySubject, Kind, Refusal, Subject, Verdict};
use store::params;
use store::testing::TestDb;

store::statements! {
    MAKE_SELLER = "INSERT INTO seller (id, short_code, code_key, name, country, state, test_of, made_at, changed_at)
        VALUES ($1, $2, $3, $4, 'ES', $5, CAST(NULL AS TEXT), 1, 1)";
    MAKE_KEY = "INSERT INTO seller_key (key, seller_id) VALUES ($1, $2)";
    SAME_SHA = "UPDATE file SET sha256 = $1, state = 'kept'";
    COUNT_VERIFIED = "SELECT count(*) FROM audit WHERE action = 'company.verified'";
}

impl Place {
    async fn seller(&self, code: &'static str, state: &'static str) -> SellerId {
        let id = SellerId::new(self.t.house.now(), &*self.t.house.random);
        let made = self.t.house.db.write(move |tx| {
            tx.change(&MAKE_SELLER, params![id, code, kernel::fold(code), format!("Shop {code}"), state])?;
            tx.change(&MAKE_KEY, params![kernel::fold(code), id])
        });
        made.await.map_err(|e: Fault| e).expect("makes");
        id
    }

    async fn asked(&self, o: &Owner) -> RequestId {
        review::begin(&self.review, &by(), &o.seat, Kind::Company, review::COMPANY, Lang::Es)
            .await
            .expect("begins")
    }

    async fn checked(&self, o: &Owner, id: RequestId) -> Vec<Check> {
        let r = review::find(&self.review, &o.seat, id).await.expect("is there").request;
        self.t.house.db.read(move |l| CompanySubject.checks(l, &r)).await.expect("checks")
    }

    async fn approve(&self, o: &Owner, id: RequestId) {
        let r = review::find(&self.review, &o.seat, id).await.expect("is there").request;
        let h = self.t.house.clone();
        let done = self.t.house.db.write(move |tx| CompanySubject.approved(tx, &h, &by(), &r));
        done.await.expect("is approved");
    }
}

fn verdict(checks: &[Check], name: &str) -> (Verdict, String) {
    let found = checks.iter().find(|c| c.name == name);
    found.map(|c| (c.verdict, c.detail.clone())).unwrap_or_else(|| panic!("no {name} in {checks:?}"))
}

store::on_both! {
    async fn what_is_known_is_not_asked_again(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let id = p.asked(&ana).await;
        let r = review::find(&p.review, &ana.seat, id).await.expect("is there").request;
        assert_eq!(r.answers, answers(&[("country", "ES"), ("company", "ana S.L."), ("licence_number", "B12345674")]));
        assert!(r.form.is_sound().is_ok());
        let other = review::begin(&p.review, &by(), &ana.seat, Kind::Company, "another", Lang::En).await;
        assert!(matches!(other, Err(Failure::Refused(Refusal::NotFound))));
    }

    async fn the_machine_looks_at_number_file_and_sellers(on: TestDb) {
        let p = Place::over(on).await;
        let (ana, eve) = (p.owner("ana").await, p.owner("eve").await);
        p.seller("casaverde", "active").await;
        p.seller("shut", "closed").await;
        let id = p.asked(&ana).await;
        let licence = p.file(&ana, "image/png").await;
        let sellers = "casaverde\n casaverde ; shut\nnobody";
        let page = answers(&[("licence", &licence.to_string()), ("sellers", sellers), ("licence_number", "B12345670")]);
        review::save(&p.review, &by(), &ana.seat, id, page).await.expect("saves");
        let checks = p.checked(&ana, id).await;
        assert_eq!(verdict(&checks, "licence_form").0, Verdict::Warns, "the check digit is wrong");
        assert_eq!(verdict(&checks, "same_licence").0, Verdict::Fine);
        assert_eq!(verdict(&checks, "same_file").0, Verdict::Fine);
        assert_eq!(verdict(&checks, "sellers"), (Verdict::Warns, "shut, nobody".to_owned()));

        // Eve says the same number, hands in the same bytes, and had that seller verified as hers.
        let page = answers(&[("licence_number", "B12345674"), ("sellers", "casaverde")]);
        review::save(&p.review, &by(), &ana.seat, id, page).await.expect("saves");
        let hers = p.asked(&eve).await;
        let copy = p.file(&eve, "image/png").await;
        let page = answers(&[("licence", &copy.to_string()), ("sellers", "casaverde")]);
        review::save(&p.review, &by(), &eve.seat, hers, page).await.expect("saves");
        p.approve(&eve, hers).await;
        let same = p.t.house.db.write(|tx| tx.change(&SAME_SHA, params![&[7u8; 32][..]]));
        same.await.map_err(|e: Fault| e).expect("changes");
        let checks = p.checked(&ana, id).await;
        assert_eq!(verdict(&checks, "licence_form"), (Verdict::Fine, "ES B12345674".to_owned()));
        assert_eq!(verdict(&checks, "same_licence"), (Verdict::Warns, "eve".to_owned()));
        assert_eq!(verdict(&checks, "same_file"), (Verdict::Warns, "eve".to_owned()));
        assert_eq!(verdict(&checks, "sellers"), (Verdict::Warns, "casaverde → eve".to_owned()));
    }

    async fn the_next_verification_replaces_the_last(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let (one, two) = (p.seller("one", "active").await, p.seller("two", "active").await);
        assert!(people::company(&p.people, &ana.seat).await.expect("looks").is_none());
        let id = p.asked(&ana).await;
        review::save(&p.review, &by(), &ana.seat, id, answers(&[("sellers", "one\nnobody")])).await.expect("saves");
        p.approve(&ana, id).await;
        p.approve(&ana, id).await;
        let (company, sellers) = people::company(&p.people, &ana.seat).await.expect("looks").expect("is verified");
        assert_eq!((company.name.as_str(), company.country.as_str()), ("ana S.L.", "ES"));
        assert_eq!(sellers.iter().map(|s| s.id).collect::<Vec<_>>(), [one], "who is not known does not belong");
        review::withdraw(&p.review, &by(), &ana.seat, id).await.expect("withdraws");

        p.t.clock.advance(1_000);
        let id = p.asked(&ana).await;
        let known = review::find(&p.review, &ana.seat, id).await.expect("is there").request.answers;
        assert_eq!(known.get("sellers").map(String::as_str), Some("one"));
        review::save(&p.review, &by(), &ana.seat, id, answers(&[("sellers", "two"), ("company", "Ana S.A.")])).await.expect("saves");
        p.approve(&ana, id).await;
        let (after, sellers) = people::company(&p.people, &ana.seat).await.expect("looks").expect("is verified");
        assert_eq!(sellers.iter().map(|s| s.id).collect::<Vec<_>>(), [two]);
        assert!(after.name == "Ana S.A." && after.verified_at > company.verified_at);
        let audited = p.t.house.db.read(|l| l.one::<(i64,)>(&COUNT_VERIFIED, &[])).await.expect("reads");
        assert_eq!(audited, Some((3,)));
    }
}
