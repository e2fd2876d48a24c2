//! A Request for an API group, for one app: approval gives it.

use crate::store::{FIND_APP_FOR_GROUP, FIND_APP_GROUP, FIND_OPEN_GROUP, GRANT_GROUP};
use kernel::{AppId, By, CategoryId, Failure, GroupId, Lang};
use people::Seat;
use review::{
    Answer, Answers, Check, FieldDef, FieldKind, FormDef, Kind, Opening, Refusal, Request, Subject,
};
use store::{House, Look, Texts, Tx, params};

pub struct GroupSubject;

/// "APPID/GROUPID".
fn parts(about: &str) -> Answer<(AppId, GroupId)> {
    let read = || {
        let (app, group) = about.split_once('/')?;
        Some((app.parse().ok()?, group.parse().ok()?))
    };
    read().ok_or(Failure::Refused(Refusal::NotFound))
}

fn form(wants_document: bool) -> FormDef {
    let reason = FieldDef::new(
        "reason",
        FieldKind::Prose,
        Texts::all(
            "What your app needs these methods for",
            "你的应用需要这些接口做什么",
            "Para qué necesita su aplicación estos métodos",
        ),
    )
    .help(Texts::all(
        "Say which methods it calls, for whom, and what becomes of the data.",
        "请说明会调用哪些接口、为谁调用，以及数据如何使用。",
        "Diga qué métodos llama, para quién y qué se hace con los datos.",
    ))
    .max(2_000);
    let document = FieldDef::new(
        "document",
        FieldKind::Document,
        Texts::all("A document about it", "说明文件", "Un documento que lo explique"),
    )
    .help(Texts::all(
        "A design, a business plan, a contract: PDF, PNG or JPEG, at most 5 MB.",
        "例如设计方案、商业计划或合同：PDF、PNG 或 JPEG，不超过 5 MB。",
        "Un diseño, un plan de negocio, un contrato: PDF, PNG o JPEG, 5 MB como máximo.",
    ))
    .max(5);
    FormDef { fields: vec![reason, if wants_document { document } else { document.optional() }] }
}

impl Subject for GroupSubject {
    fn kind(&self) -> Kind {
        Kind::Group
    }

    fn opening(&self, look: &mut Look<'_>, seat: &Seat, about: &str, _lang: Lang) -> Answer<Opening> {
        let refused = |r| Err(Failure::Refused(r));
        let (app, group) = parts(about)?;
        let Some((category, app_name)) =
            look.one::<(CategoryId, String)>(&FIND_APP_FOR_GROUP, params![app, seat.developer()])?
        else {
            return refused(Refusal::NotFound);
        };
        let Some(g) = catalogue::find(look, group)? else { return refused(Refusal::NotFound) };
        if g.retired || look.one::<(i64,)>(&FIND_OPEN_GROUP, params![category, group])?.is_none() {
            return refused(Refusal::NotOffered);
        }
        if look.one::<(String,)>(&FIND_APP_GROUP, params![app, group])?.is_some() {
            return refused(Refusal::NotNow);
        }
        let title = g.name.0.iter().map(|(lang, name)| (*lang, format!("{name} · {app_name}"))).collect();
        Ok(Opening {
            title: Texts(title),
            app: Some(app),
            form: form(g.wants_document),
            known: Answers::new(),
            days: g.review_days,
            two_person: false,
            // What was taken away again may be asked for again.
            once: false,
        })
    }

    fn approved(&self, tx: &mut Tx<'_>, house: &House, _: &By, request: &Request) -> Answer<()> {
        let (app, group) = parts(&request.about)?;
        let given = tx.moved(&GRANT_GROUP, params![app, group, house.now(), request.developer])?;
        if given || tx.one::<(String,)>(&FIND_APP_GROUP, params![app, group])?.is_some() {
            Ok(())
        } else {
            // The app is gone.
            Err(Failure::Refused(Refusal::NotNow))
        }
    }

    fn checks(&self, _: &mut Look<'_>, _: &Request) -> Answer<Vec<Check>> {
        Ok(Vec::new())
    }
}
