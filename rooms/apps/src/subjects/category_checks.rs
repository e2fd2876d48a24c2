//! What the machine can say about an application at once. Each detail is data (a name, a number), so that
//! the page that shows it says the rest in its reader's language.

use crate::store::{FIND_KNOWN, Known, SAME_COMPANY, SAME_FILE, SAME_LICENCE};
use crate::verbs::find_category;
use kernel::CategoryId;
use people::{DeveloperKind, LicenceForm, licence_form, licence_key};
use review::{Answer, Check, FieldKind, Request, Verdict};
use store::{Look, params};

/// Mail providers for everybody: an address there says nothing about a company.
const FREE_MAIL: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "yahoo.com",
    "yahoo.es",
    "icloud.com",
    "me.com",
    "aol.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "proton.me",
    "protonmail.com",
    "mail.ru",
    "yandex.ru",
    "qq.com",
    "vip.qq.com",
    "foxmail.com",
    "163.com",
    "126.com",
    "yeah.net",
    "sina.com",
    "sina.cn",
    "sohu.com",
    "aliyun.com",
    "139.com",
    "mailinator.com",
];

/// What all checks are made from.
pub(super) fn checks(look: &mut Look<'_>, request: &Request) -> Answer<Vec<Check>> {
    let Some(known) = look.one::<Known>(&FIND_KNOWN, params![request.developer])? else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    let mut add = |name: &str, verdict: Verdict, detail: String| {
        let detail = detail.chars().take(300).collect();
        out.push(Check { name: name.to_owned(), verdict, detail, at: request.changed_at });
    };
    let answer = |key: &str| request.answers.get(key).filter(|a| !a.is_empty());
    let country = answer("country").unwrap_or(&known.country).clone();
    let number = answer("licence_number").or(known.licence_number.as_ref()).cloned();

    if let Some(number) = &number {
        let verdict = match licence_form(&country, number) {
            LicenceForm::Fine => Verdict::Fine,
            LicenceForm::Wrong => Verdict::Warns,
            LicenceForm::Unknown => Verdict::Unknown,
        };
        add("licence_form", verdict, format!("{country} {number}"));
        let mut same: Vec<(String,)> = look.all(&SAME_LICENCE, params![number, request.developer])?;
        same.extend(look.all::<(String,)>(&SAME_COMPANY, params![licence_key(number), request.developer])?);
        let mut names: Vec<String> = same.into_iter().map(|(name,)| name).collect();
        names.sort();
        names.dedup();
        let verdict = if names.is_empty() { Verdict::Fine } else { Verdict::Warns };
        add("duplicate_account", verdict, names.join(", "));
    }

    let (verdict, detail) = email_domain(request, &known);
    add("email_domain", verdict, detail);

    let mut seen = Vec::new();
    let named = request.form.files(&request.answers);
    for (_, file) in &named {
        let found: Vec<(String,)> = look.all(&SAME_FILE, params![*file, request.developer])?;
        seen.extend(found.into_iter().map(|(name,)| name));
    }
    seen.sort();
    seen.dedup();
    if !named.is_empty() {
        let verdict = if seen.is_empty() { Verdict::Fine } else { Verdict::Warns };
        add("same_file", verdict, seen.join(", "));
    }

    if let Some(c) =
        request.about.parse::<CategoryId>().ok().map(|id| find_category(look, id)).transpose()?.flatten()
    {
        let person = known.kind == DeveloperKind::Individual;
        let fits = person == (c.audience == crate::Audience::Individual);
        let verdict = if fits { Verdict::Fine } else { Verdict::Warns };
        add("audience", verdict, format!("{} · {}", known.name, known.kind.word()));
    }
    Ok(out)
}

fn domain(email: &str) -> Option<String> {
    email.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase())
}

fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?', '#', ':']).next()?.to_ascii_lowercase();
    Some(host.strip_prefix("www.").unwrap_or(&host).to_owned())
}

/// Whether one is the other, or below it.
fn belongs(domain: &str, host: &str) -> bool {
    let below = |a: &str, b: &str| a == b || a.strip_suffix(b).is_some_and(|rest| rest.ends_with('.'));
    below(domain, host) || below(host, domain)
}

/// The e-mail addresses against the sites that the answers name.
fn email_domain(request: &Request, known: &Known) -> (Verdict, String) {
    let given = |kind: FieldKind| {
        let of = request.form.fields.iter().filter(move |f| f.kind == kind);
        of.filter_map(|f| request.answers.get(&f.key)).filter(|a| !a.is_empty())
    };
    let mut domains: Vec<String> = given(FieldKind::Email).filter_map(|e| domain(e)).collect();
    if domains.is_empty() {
        domains.extend(domain(&known.email));
    }
    domains.sort();
    domains.dedup();
    let hosts: Vec<String> = given(FieldKind::Url).filter_map(|u| host(u)).collect();
    let detail = [domains.join(", "), hosts.join(", ")].join(" · ").trim_end_matches(" · ").to_owned();
    let free = domains.iter().any(|d| FREE_MAIL.contains(&d.as_str()));
    let verdict = match (hosts.is_empty(), free) {
        (_, true) if known.kind == DeveloperKind::Organisation => Verdict::Warns,
        (true, _) => Verdict::Unknown,
        (false, _) if domains.iter().any(|d| hosts.iter().any(|h| belongs(d, h))) => Verdict::Fine,
        (false, _) => Verdict::Warns,
    };
    (verdict, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_belongs_to_its_site_and_not_to_one_that_ends_alike() {
        assert!(belongs("lumen.example", "lumen.example"));
        assert!(belongs("mail.lumen.example", "lumen.example"));
        assert!(belongs("lumen.example", "app.lumen.example"));
        assert!(!belongs("notlumen.example", "lumen.example"));
        assert_eq!(host("https://www.Lumen.example:8443/a?b"), Some("lumen.example".to_owned()));
        assert_eq!(domain("Ana@Lumen.Example"), Some("lumen.example".to_owned()));
    }
}
