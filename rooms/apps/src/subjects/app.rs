//! What the desk decides about an app: going Online, and higher limits.

use crate::stage::{Criterion, Mover, criteria, may_move};
use crate::store::{MOVE_STAGE, RAISE, as_json};
use crate::verbs::{any_app, find_app, measure};
use crate::{App, Limit, Raised, Refusal, Stage};
use kernel::{AppId, By, Clock, Errors, Failure, Fault, Lang, Problem};
use people::{News, Seat};
use review::{
    Answer, Check, ChoiceDef, FieldDef, FieldKind, FormDef, Kind, Opening, Request, Subject, Verdict,
};
use serde_json::json;
use std::sync::Arc;
use store::{House, Look, Texts, Tx, audit, params};

/// Going Online: Test → Online, when the category's criteria are met and a person agrees.
pub struct Online {
    pub clock: Arc<dyn Clock>,
}

/// A higher limit than the category's.
pub struct HigherLimit {
    pub clock: Arc<dyn Clock>,
}

fn no<T>(refusal: review::Refusal) -> Answer<T> {
    Err(Failure::Refused(refusal))
}

/// A refusal of this room, in the words of that one.
fn told(failure: Failure<Refusal>) -> Failure<review::Refusal> {
    match failure {
        Failure::Fault(f) => Failure::Fault(f),
        Failure::Refused(Refusal::NotFound) => Failure::Refused(review::Refusal::NotFound),
        Failure::Refused(_) => Failure::Refused(review::Refusal::NotNow),
    }
}

fn app_of(look: &mut Look<'_>, seat: &Seat, about: &str) -> Answer<App> {
    let id: AppId = about.parse().map_err(|_| Failure::Refused(review::Refusal::NotFound))?;
    find_app(look, seat, id).map_err(told)
}

/// The app of a Request that is being decided; it may have been deleted meanwhile.
fn app_asked(look: &mut Look<'_>, request: &Request) -> Answer<App> {
    let id = request.app.ok_or(Failure::Refused(review::Refusal::NotFound))?;
    let app = any_app(look, id).map_err(told)?;
    if app.developer == request.developer { Ok(app) } else { no(review::Refusal::NotFound) }
}

fn titled(en: &str, zh: &str, es: &str, app: &App) -> Texts {
    let put = |t: &str| t.replace("{}", &app.name);
    Texts::all(&put(en), &put(zh), &put(es))
}

fn prose(key: &str, label: Texts, help: Texts) -> FieldDef {
    FieldDef::new(key, FieldKind::Prose, label).help(help)
}

impl Subject for Online {
    fn kind(&self) -> Kind {
        Kind::Online
    }

    fn opening(&self, look: &mut Look<'_>, seat: &Seat, about: &str, _lang: Lang) -> Answer<Opening> {
        let app = app_of(look, seat, about)?;
        let measured = measure(look, &app, self.clock.now())?;
        let met = criteria(&app, &app.terms.go_online, &measured).iter().all(Criterion::is_met);
        if app.stage != Stage::Test || !met {
            return no(review::Refusal::NotNow);
        }
        let mut report = FieldDef::new(
            "report",
            FieldKind::Document,
            Texts::all("Test report", "测试报告", "Informe de pruebas"),
        )
        .help(Texts::all(
            "What was tried, with how many sellers, and what came out. PDF or picture.",
            "测试了哪些场景、涉及多少卖家、结果如何。支持 PDF 或图片。",
            "Qué se probó, con cuántos vendedores y con qué resultado. PDF o imagen.",
        ));
        report.required = app.terms.go_online.report;
        Ok(Opening {
            title: titled("Go online: {}", "上线：{}", "Publicar: {}", &app),
            app: Some(app.id),
            form: FormDef {
                fields: vec![
                    prose(
                        "why",
                        Texts::all(
                            "What sellers get from it",
                            "应用为卖家提供什么",
                            "Qué aporta a los vendedores",
                        ),
                        Texts::all(
                            "In a few sentences, as a seller would read it.",
                            "请用几句话说明，以卖家能理解的方式。",
                            "En pocas frases, como las leería un vendedor.",
                        ),
                    )
                    .max(1_000),
                    FieldDef::new(
                        "support",
                        FieldKind::Email,
                        Texts::all(
                            "Support e-mail for sellers",
                            "面向卖家的支持邮箱",
                            "Correo de asistencia para vendedores",
                        ),
                    ),
                    report,
                ],
            },
            known: review::Answers::new(),
            days: 2,
            two_person: false,
            once: false,
        })
    }

    fn approved(&self, tx: &mut Tx<'_>, house: &House, by: &By, request: &Request) -> Answer<()> {
        let app = app_asked(tx, request)?;
        // Only from Test, and only by an approval: an app that was suspended meanwhile stays so.
        let may = may_move(app.stage, Stage::Online, Mover::Approval);
        if !may || !tx.moved(&MOVE_STAGE, params![app.id, Stage::Test, Stage::Online, house.now()])? {
            return no(review::Refusal::NotNow);
        }
        let args = |_: Lang| json!({"app": app.name, "app_key": app.key});
        let path = format!("/console/apps/{}", app.id);
        let news = News { letter: "app-online", args: &args, path: &path };
        people::tell_team(tx, house, app.developer, request.made_by, &news)?;
        let detail = json!({"from": "test", "to": "online", "request": request.id.to_string()});
        audit::record(tx, house, by, "app.moved", app.id, &detail)?;
        Ok(())
    }

    fn checks(&self, look: &mut Look<'_>, request: &Request) -> Answer<Vec<Check>> {
        let (app, now) = (app_asked(look, request)?, self.clock.now());
        let measured = measure(look, &app, now)?;
        let one = |c: &Criterion| {
            let (name, detail) = match c {
                Criterion::Calls { wanted, have } => ("calls", format!("{have} / {wanted}")),
                Criterion::Success { wanted, have } => {
                    ("success", format!("{} % / {wanted} %", have.unwrap_or_default()))
                }
                Criterion::Company { .. } => ("company", String::new()),
                Criterion::Callback { .. } => ("callback", app.settings.callbacks.join("\n")),
                Criterion::Report => return None,
            };
            let verdict = if c.is_met() { Verdict::Fine } else { Verdict::Warns };
            Some(Check { name: name.to_owned(), verdict, detail, at: now })
        };
        Ok(criteria(&app, &app.terms.go_online, &measured).iter().filter_map(one).collect())
    }
}

/// How far a limit may be raised by a Request.
const MOST: [(Limit, i64); 3] =
    [(Limit::Sellers, 1_000_000), (Limit::CallsADay, 1_000_000_000), (Limit::MethodQps, 100_000)];

/// Which limit is asked for, and how much; refused where it is no more than what there is.
fn asked(app: &App, answers: &review::Answers) -> Result<(Limit, i64), Errors> {
    let answer = |key: &str| answers.get(key).map_or("", String::as_str);
    let limit =
        Limit::from_word(answer("limit")).ok_or_else(|| Errors::one("limit", Problem::NotOneOfThese))?;
    let amount: i64 = answer("amount").parse().map_err(|_| Errors::one("amount", Problem::BadNumber))?;
    let present = app.limit(limit);
    let most = MOST.iter().find(|(l, _)| *l == limit).map_or(0, |(_, most)| *most);
    let told = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    if amount <= present {
        return Err(Errors::one("amount", Problem::TooSmall(told(present + 1))));
    }
    if amount > most {
        return Err(Errors::one("amount", Problem::TooLarge(told(most))));
    }
    Ok((limit, amount))
}

impl Subject for HigherLimit {
    fn kind(&self) -> Kind {
        Kind::Limit
    }

    fn opening(&self, look: &mut Look<'_>, seat: &Seat, about: &str, _lang: Lang) -> Answer<Opening> {
        let app = app_of(look, seat, about)?;
        // In Test the limits are the category's own, and whoever outgrew them goes online.
        if app.stage != Stage::Online {
            return no(review::Refusal::NotNow);
        }
        let choice = |limit: Limit, label: Texts| ChoiceDef { value: limit.word().to_owned(), label };
        let mut limit =
            FieldDef::new("limit", FieldKind::Choice, Texts::all("Which limit", "哪项限额", "Qué límite"));
        limit.choices = vec![
            choice(Limit::CallsADay, Texts::all("Calls a day", "每日调用次数", "Llamadas al día")),
            choice(Limit::Sellers, Texts::all("Authorized sellers", "授权卖家数", "Vendedores autorizados")),
            choice(
                Limit::MethodQps,
                Texts::all(
                    "Calls of one method a second",
                    "单个方法每秒调用次数",
                    "Llamadas por segundo a un método",
                ),
            ),
        ];
        let help = Texts::all(
            "More than what the app has now.",
            "须高于应用当前的限额。",
            "Más de lo que la aplicación tiene ahora.",
        );
        let amount = FieldDef::new("amount", FieldKind::Number, Texts::all("How much", "申请数量", "Cuánto"))
            .help(help);
        Ok(Opening {
            title: titled("Higher limit: {}", "提高限额：{}", "Límite mayor: {}", &app),
            app: Some(app.id),
            form: FormDef {
                fields: vec![
                    limit,
                    amount.max(1_000_000_000),
                    prose(
                        "why",
                        Texts::all("Why", "申请理由", "Por qué"),
                        Texts::all(
                            "What grew, and what you did to need less.",
                            "业务增长情况，以及为减少调用所做的优化。",
                            "Qué ha crecido y qué ha hecho para necesitar menos.",
                        ),
                    )
                    .max(1_000),
                    FieldDef::new(
                        "document",
                        FieldKind::Document,
                        Texts::all("Document", "附件", "Documento"),
                    )
                    .optional(),
                ],
            },
            known: review::Answers::new(),
            days: 2,
            two_person: false,
            once: false,
        })
    }

    fn approved(&self, tx: &mut Tx<'_>, house: &House, by: &By, request: &Request) -> Answer<()> {
        let app = app_asked(tx, request)?;
        let (limit, amount) =
            asked(&app, &request.answers).map_err(|_| Failure::Refused(review::Refusal::NotNow))?;
        let mut raised = app.raised.clone();
        match limit {
            Limit::Sellers => raised.user_limit = amount,
            Limit::CallsADay => raised.calls_a_day = amount,
            Limit::MethodQps => raised.method_qps = amount,
        }
        let before = kept(tx, app.id)?;
        if !tx.moved(&RAISE, params![app.id, &before, as_json::<Raised>(&raised)?, house.now()])? {
            return no(review::Refusal::Changed);
        }
        let detail = json!({"limit": limit.word(), "to": amount, "request": request.id.to_string()});
        audit::record(tx, house, by, "app.limit_raised", app.id, &detail)?;
        Ok(())
    }

    fn checks(&self, look: &mut Look<'_>, request: &Request) -> Answer<Vec<Check>> {
        let app = app_asked(look, request)?;
        let (limit, amount) =
            asked(&app, &request.answers).map_err(|e| Failure::Refused(review::Refusal::Invalid(e)))?;
        let (now, present) = (self.clock.now(), app.limit(limit));
        let measured = measure(look, &app, now)?;
        let mut checks = vec![Check {
            name: "limit".to_owned(),
            verdict: Verdict::Fine,
            detail: format!("{present} → {amount}"),
            at: now,
        }];
        if limit == Limit::CallsADay {
            // Whoever uses little of what there is needs a reason to want more.
            let mean = measured.calls / crate::stage::MEASURED_DAYS;
            let verdict = if mean * 10 >= present * 7 { Verdict::Fine } else { Verdict::Warns };
            checks.push(Check {
                name: "usage".to_owned(),
                verdict,
                detail: format!("{mean} / {present}"),
                at: now,
            });
        }
        Ok(checks)
    }
}

/// What was raised so far, as it stands in the row.
fn kept(look: &mut Look<'_>, id: AppId) -> Result<String, Fault> {
    Ok(look.one::<(String,)>(&crate::store::FIND_RAISED, params![id])?.map(|(r,)| r).unwrap_or_default())
}
