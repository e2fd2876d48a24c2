//! The reasons that a new house's desk starts with. Staff change them, and add their own, at /desk/reasons.

use review::{Decision, Kind, ReasonDraft};
use store::Texts;

type Words = [(&'static str, &'static str); 3];

/// Key, decision, kind; then title and text in English, Chinese, Spanish.
const FIRST: &[(&str, Decision, Option<Kind>, Words)] = &[
    (
        "licence_illegible",
        Decision::NeedsChanges,
        None,
        [
            (
                "Document cannot be read",
                "A document that you uploaded cannot be read. Please upload it again: whole, sharp, and without a reflection.",
            ),
            ("文件无法辨认", "您上传的文件无法辨认。请重新上传完整、清晰、无反光的文件。"),
            (
                "Documento ilegible",
                "Uno de los documentos que ha subido no se puede leer. Súbalo de nuevo: entero, nítido y sin reflejos.",
            ),
        ],
    ),
    (
        "licence_mismatch",
        Decision::NeedsChanges,
        None,
        [
            (
                "Name differs from the licence",
                "The company name or licence number that you gave is not the one on the licence. Please make them the same.",
            ),
            ("名称与营业执照不符", "您填写的公司名称或执照号码与营业执照不一致，请核对后改为一致。"),
            (
                "El nombre no coincide con la licencia",
                "El nombre de la empresa o el número de licencia que indicó no coincide con el del documento. Haga que sean iguales.",
            ),
        ],
    ),
    (
        "purpose_unclear",
        Decision::NeedsChanges,
        None,
        [
            (
                "Purpose is not clear",
                "It is not clear what your software does for sellers, and which data it needs for that. Please describe it in a few concrete sentences.",
            ),
            ("用途不明确", "您的软件为卖家做什么、需要哪些数据，目前的说明还不够清楚。请用几句话具体描述。"),
            (
                "Finalidad poco clara",
                "No queda claro qué hace su software para los vendedores ni qué datos necesita para ello. Descríbalo en unas frases concretas.",
            ),
        ],
    ),
    (
        "contact_unreachable",
        Decision::NeedsChanges,
        None,
        [
            (
                "Contact cannot be reached",
                "We could not reach the contact that you named. Please give a telephone number and an e-mail address that somebody answers.",
            ),
            ("联系人无法联系上", "我们无法联系上您填写的联系人。请提供有人接听的电话和有人查收的邮箱。"),
            (
                "Contacto ilocalizable",
                "No hemos podido localizar a la persona de contacto. Indique un teléfono y un correo que alguien atienda.",
            ),
        ],
    ),
    (
        "callback_unreachable",
        Decision::NeedsChanges,
        None,
        [
            (
                "Address cannot be reached over TLS",
                "The address that you gave cannot be reached over TLS with a valid certificate. Please correct it, or the server behind it.",
            ),
            (
                "地址无法通过 TLS 访问",
                "您填写的地址无法通过带有效证书的 TLS 访问。请更正该地址，或修复其服务器。",
            ),
            (
                "Dirección inaccesible por TLS",
                "La dirección que indicó no es accesible por TLS con un certificado válido. Corríjala, o corrija el servidor.",
            ),
        ],
    ),
    (
        "criteria_not_met",
        Decision::NeedsChanges,
        Some(Kind::Online),
        [
            (
                "Criteria for going online are not met",
                "The criteria for going online are not all met yet. The app's page shows which are missing and what was measured.",
            ),
            ("未满足上线条件", "上线条件尚未全部满足。应用页面列出了缺少哪些条件以及测得的数值。"),
            (
                "No se cumplen los criterios",
                "Todavía no se cumplen todos los criterios para publicar. La página de la aplicación muestra cuáles faltan y lo que se ha medido.",
            ),
        ],
    ),
    (
        "not_needed",
        Decision::Reject,
        None,
        [
            (
                "Not needed for the purpose",
                "What you ask for reaches further than the purpose that you describe. Please ask only for what your software needs.",
            ),
            ("超出所述用途", "您申请的内容超出了所述用途的需要。请只申请软件确实需要的部分。"),
            (
                "No es necesario para la finalidad",
                "Lo que solicita va más allá de la finalidad que describe. Solicite solo lo que su software necesita.",
            ),
        ],
    ),
    (
        "against_agreement",
        Decision::Reject,
        None,
        [
            (
                "Against the API use agreement",
                "What you describe is not allowed by the API use agreement that you accepted.",
            ),
            ("违反 API 使用协议", "您描述的用途不符合您已接受的 API 使用协议。"),
            (
                "Contrario al acuerdo de uso",
                "Lo que describe no está permitido por el acuerdo de uso de la API que aceptó.",
            ),
        ],
    ),
    (
        "not_genuine",
        Decision::Reject,
        None,
        [
            (
                "Documents are not genuine",
                "A document that you gave is not the original, or has been changed. We cannot go on with it.",
            ),
            ("文件不真实", "您提供的文件并非原件，或经过改动，我们无法据此继续审核。"),
            (
                "Documentos no auténticos",
                "Uno de los documentos no es el original o ha sido alterado. No podemos continuar con él.",
            ),
        ],
    ),
    (
        "duplicate",
        Decision::Reject,
        None,
        [
            (
                "The company has an account already",
                "The company that you name is a developer here already. Please ask its owner to invite you to the team.",
            ),
            ("该公司已有账号", "您填写的公司已是本平台的开发者。请联系其所有者邀请您加入团队。"),
            (
                "La empresa ya tiene cuenta",
                "La empresa que indica ya es desarrolladora aquí. Pida a quien la administra que le invite al equipo.",
            ),
        ],
    ),
];

pub fn first() -> Vec<ReasonDraft> {
    let draft =
        |(place, (key, decision, kind, [en, zh, es])): (usize, &(&str, Decision, Option<Kind>, Words))| {
            ReasonDraft {
                key: (*key).to_owned(),
                decision: *decision,
                kind: *kind,
                place: place as i64 + 1,
                title: Texts::all(en.0, zh.0, es.0),
                body: Texts::all(en.1, zh.1, es.1),
            }
        };
    FIRST.iter().enumerate().map(draft).collect()
}
