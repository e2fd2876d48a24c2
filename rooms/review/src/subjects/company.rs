//! Company verification: who stands behind a developer, and which sellers are theirs.

use crate::store::SAME_FILE;
use crate::{
    Answer, Answers, Check, FieldDef, FieldKind, FormDef, Kind, Opening, Refusal, Request, Subject, Verdict,
};
use kernel::{By, Country, Failure, Fault, Lang, SellerId};
use people::{LicenceForm, Seat, SellerLine, SellerState};
use store::{House, Look, Texts, Tx, params};

/// What such a Request is about: a developer has one company.
pub const COMPANY: &str = "company";
/// The promise, in working days.
const DAYS: i64 = 2;
const SELLERS_MAX: usize = 200;

pub struct CompanySubject;

fn form() -> FormDef {
    let field =
        |key: &str, kind, en: &str, zh: &str, es: &str| FieldDef::new(key, kind, Texts::all(en, zh, es));
    FormDef {
        fields: vec![
            field("country", FieldKind::Country, "Country or region of the company", "公司所在国家或地区", "País o región de la empresa"),
            field("company", FieldKind::Line, "Company name", "公司名称", "Nombre de la empresa")
                .help(Texts::all(
                    "The registered name, letter by letter as it stands on the licence.",
                    "与营业执照完全一致的注册名称。",
                    "La razón social, tal como figura en el documento.",
                ))
                .max(kernel::text::COMPANY_MAX),
            field("licence_number", FieldKind::Line, "Business licence number", "营业执照号码", "Número del documento de la empresa")
                .help(Texts::all(
                    "In Spain, the CIF, like B12345674. In China, the 18 characters of the unified social credit code.",
                    "西班牙公司请填 CIF，例如 B12345674。中国公司请填 18 位统一社会信用代码。",
                    "En España, el CIF, como B12345674. En China, los 18 caracteres del código unificado de crédito social.",
                ))
                .max(kernel::text::LICENCE_MAX),
            field("licence", FieldKind::Picture, "Picture of the business licence", "营业执照照片", "Imagen del documento de la empresa")
                .help(Texts::all(
                    "All of it, and sharp enough to read. In Spain, the CIF card.",
                    "请拍全、清晰可读。西班牙公司请上传 CIF 证件。",
                    "Entero y legible. En España, la tarjeta del CIF.",
                ))
                .max(2)
                .on_page(2),
            field("sellers", FieldKind::Prose, "Sellers that belong to the company", "属于该公司的卖家", "Vendedores que pertenecen a la empresa")
                .help(Texts::all(
                    "One on each line: the short code, or the address the seller signs in with. Apps for your own stores only may be authorized by these.",
                    "每行一个：卖家短代码或登录邮箱。仅限自有店铺的应用只能由这些卖家授权。",
                    "Uno por línea: el código corto o la dirección con la que entra el vendedor. Solo ellos podrán autorizar las aplicaciones para tiendas propias.",
                ))
                .optional()
                .on_page(3),
        ],
    }
}

/// The sellers that an answer names, each once, as they were typed.
fn named(answers: &Answers) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let text = answers.get("sellers").map_or("", String::as_str);
    for part in text.split(['\n', ';', ',', '；', '，']).map(str::trim).filter(|p| !p.is_empty()) {
        if !out.iter().any(|o| o == part) && out.len() < SELLERS_MAX {
            out.push(part.to_owned());
        }
    }
    out
}

fn resolved(look: &mut Look<'_>, answers: &Answers) -> Result<Vec<(String, Option<SellerLine>)>, Fault> {
    let typed = named(answers);
    let found = people::resolve_sellers(look, &typed)?;
    // A shop that is closed, or only for testing, is nobody's store.
    let counts = |s: &SellerLine| s.state != SellerState::Closed && s.test_of.is_none();
    Ok(typed.into_iter().zip(found.into_iter().map(|s| s.filter(counts))).collect())
}

impl Subject for CompanySubject {
    fn kind(&self) -> Kind {
        Kind::Company
    }

    fn opening(&self, look: &mut Look<'_>, seat: &Seat, about: &str, _: Lang) -> Answer<Opening> {
        let developer = people::developer_line(look, seat.developer())?;
        let (COMPANY, Some(d)) = (about, developer) else {
            return Err(Failure::Refused(Refusal::NotFound));
        };
        let mut known = Answers::new();
        let mut add = |key: &str, value: Option<String>| known.extend(value.map(|v| (key.to_owned(), v)));
        match people::find_company(look, seat.developer())? {
            Some(c) => {
                add("country", Some(c.country));
                add("company", Some(c.name));
                add("licence_number", Some(c.licence_number));
                let sellers = people::company_sellers(look, seat.developer())?;
                let codes: Vec<String> = sellers.into_iter().map(|s| s.short_code).collect();
                add("sellers", Some(codes.join("\n")));
            }
            None => {
                add("country", Some(d.country));
                add("company", d.company);
                add("licence_number", d.licence_number);
            }
        }
        Ok(Opening {
            title: Texts::all("Company verification", "公司认证", "Verificación de la empresa"),
            app: None,
            form: form(),
            known,
            days: DAYS,
            two_person: false,
            // Companies change: the next verification replaces this one.
            once: false,
        })
    }

    fn approved(&self, tx: &mut Tx<'_>, house: &House, by: &By, r: &Request) -> Answer<()> {
        let answer = |key: &str| r.answers.get(key).map_or("", String::as_str);
        let country =
            Country::parse(answer("country")).map_err(|_| Fault::internal("a country that is none"))?;
        let (name, number) = (answer("company"), answer("licence_number"));
        let sellers: Vec<SellerId> =
            resolved(tx, &r.answers)?.into_iter().filter_map(|(_, s)| s.map(|s| s.id)).collect();
        people::verify_company(tx, house, by, r.developer, name, country, number, &sellers)?;
        Ok(())
    }

    fn checks(&self, look: &mut Look<'_>, r: &Request) -> Answer<Vec<Check>> {
        let mut out = Vec::new();
        let mut add = |name: &str, warns: Verdict, detail: String| {
            let detail = detail.chars().take(300).collect();
            out.push(Check { name: name.to_owned(), verdict: warns, detail, at: r.changed_at });
        };
        let warns = |bad: bool| if bad { Verdict::Warns } else { Verdict::Fine };
        let answer = |key: &str| r.answers.get(key).map_or("", String::as_str);

        let (country, number) = (answer("country"), answer("licence_number"));
        let form = match people::licence_form(country, number) {
            LicenceForm::Fine => Verdict::Fine,
            LicenceForm::Wrong => Verdict::Warns,
            LicenceForm::Unknown => Verdict::Unknown,
        };
        add("licence_form", form, format!("{country} {number}"));
        let same = people::same_licence(look, r.developer, number)?;
        add("same_licence", warns(!same.is_empty()), same.join(", "));

        let mut seen = Vec::new();
        for (_, file) in r.form.files(&r.answers) {
            seen.extend(
                look.all::<(String,)>(&SAME_FILE, params![file, r.developer])?.into_iter().map(|(n,)| n),
            );
        }
        seen.sort();
        seen.dedup();
        add("same_file", warns(!seen.is_empty()), seen.join(", "));

        let (mut known, mut odd) = (Vec::new(), Vec::new());
        for (typed, seller) in resolved(look, &r.answers)? {
            match seller {
                None => odd.push(typed),
                Some(s) => match people::company_of_seller(look, s.id, r.developer)? {
                    Some(other) => odd.push(format!("{typed} → {other}")),
                    None => known.push(s.name),
                },
            }
        }
        if !odd.is_empty() {
            add("sellers", Verdict::Warns, odd.join(", "));
        } else if !known.is_empty() {
            add("sellers", Verdict::Fine, known.join(", "));
        }
        Ok(out)
    }
}
