//! Asking for a test seller: approval makes one, for which whoever asked acts.

use crate::form::{FieldDef, FieldKind, FormDef};
use crate::model::{Check, Kind, Request};
use crate::rules::Refusal;
use crate::{Answer, Answers, Opening, Subject};
use kernel::{By, Country, Failure, Fault, Lang};
use people::{Seat, TEST_SELLERS_MAX};
use store::{House, Look, Texts, Tx};

pub struct TestSeller;

/// In working days.
const PROMISE: i64 = 1;

fn form() -> FormDef {
    let country = Texts::all("Country or region", "国家或地区", "País o región");
    let country_help = Texts::all(
        "Where its shop is. Some APIs answer by country.",
        "店铺所在地。部分 API 的结果因国家而异。",
        "Dónde está la tienda. Algunas API responden según el país.",
    );
    let name = Texts::all("Shop name", "店铺名称", "Nombre de la tienda");
    let why = Texts::all("What you test with it", "测试用途", "Qué va a probar");
    FormDef {
        fields: vec![
            FieldDef::new("country", FieldKind::Country, country).help(country_help),
            FieldDef::new("name", FieldKind::Line, name).max(kernel::text::NAME_MAX),
            FieldDef::new("why", FieldKind::Prose, why).max(1_000),
        ],
    }
}

impl Subject for TestSeller {
    fn kind(&self) -> Kind {
        Kind::TestSeller
    }

    fn opening(&self, look: &mut Look<'_>, seat: &Seat, about: &str, _: Lang) -> Answer<Opening> {
        if about != Kind::TestSeller.word() {
            return Err(Failure::Refused(Refusal::NotFound));
        }
        if people::count_test_sellers(look, seat.developer())? >= TEST_SELLERS_MAX {
            return Err(Failure::Refused(Refusal::NotNow));
        }
        Ok(Opening {
            title: Texts::all("Test seller", "测试卖家", "Vendedor de prueba"),
            app: None,
            form: form(),
            known: Answers::new(),
            days: PROMISE,
            two_person: false,
            once: false,
        })
    }

    fn approved(&self, tx: &mut Tx<'_>, house: &House, by: &By, request: &Request) -> Answer<()> {
        let answer = |key: &str| request.answers.get(key).map_or("", String::as_str);
        let country = Country::parse(answer("country"))
            .map_err(|_| Fault::internal("a test seller was approved without a country"))?;
        let asker = request.submitted_by.unwrap_or(request.made_by);
        let made =
            people::make_test_seller(tx, house, by, request.developer, asker, answer("name"), country)?;
        // They have as many as they may, by now.
        made.map(drop).ok_or(Failure::Refused(Refusal::NotNow))
    }

    fn checks(&self, _: &mut Look<'_>, _: &Request) -> Answer<Vec<Check>> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_form_can_be_filled_in() {
        assert_eq!(form().is_sound(), Ok(()));
        let typed = [("country", "ES"), ("name", "Casa <b>"), ("why", "Orders")];
        let typed: Answers = typed.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        assert_eq!(form().check(&typed).map(|a| a.len()), Ok(3));
    }
}
