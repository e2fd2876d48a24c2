//! Language and theme: chosen on any page, kept in a cookie, the language in the account too.

use kernel::Lang;
use lobby::{Answer, Cx};
use people::Visitor;
use web::{Form, Theme, cookies, see_other};

pub async fn language(cx: Cx, form: Form) -> Answer {
    let mut response = see_other(form.get("back"));
    if let Some(lang) = Lang::from_tag(form.get("language")).filter(|l| Lang::ALL.contains(l)) {
        cookies::set(response.headers_mut(), cookies::LANG, lang.tag(), true);
        if let Visitor::SignedIn(session) = cx.visitor() {
            people::choose_lang(cx.people(), session, lang).await?;
        }
    }
    Ok(response)
}

pub async fn theme(_cx: Cx, form: Form) -> Answer {
    let mut response = see_other(form.get("back"));
    if let Some(theme) = Theme::from_word(form.get("theme")) {
        cookies::set(response.headers_mut(), cookies::THEME, theme.word(), true);
    }
    Ok(response)
}
