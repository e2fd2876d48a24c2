//! What there is, as files that change nothing when they are applied.

use apps::CategoryDef;
use catalogue::GroupDef;
use courier::TemplateDef;
use kernel::Fault;
use people::AgreementDef;
use review::ReasonDef;
use serde::Serialize;
use store::Look;

/// What is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kinds {
    pub groups: bool,
    pub categories: bool,
    pub agreements: bool,
    pub reasons: bool,
    pub templates: bool,
}

impl Kinds {
    pub const ALL: Kinds =
        Kinds { groups: true, categories: true, agreements: true, reasons: true, templates: true };
    const NONE: Kinds =
        Kinds { groups: false, categories: false, agreements: false, reasons: false, templates: false };

    /// By the words of the command line; none of them means all.
    pub fn of(words: &[String]) -> Result<Kinds, String> {
        if words.is_empty() {
            return Ok(Kinds::ALL);
        }
        let mut kinds = Kinds::NONE;
        for word in words {
            match word.as_str() {
                "group" => kinds.groups = true,
                "category" => kinds.categories = true,
                "agreement" => kinds.agreements = true,
                "reason" => kinds.reasons = true,
                "template" => kinds.templates = true,
                other => {
                    return Err(format!(
                        "there is no kind {other}; there are group, category, agreement, reason, template"
                    ));
                }
            }
        }
        Ok(kinds)
    }
}

#[derive(Serialize)]
struct Document {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group: Vec<GroupDef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    category: Vec<CategoryDef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    agreement: Vec<AgreementDef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reason: Vec<ReasonDef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    template: Vec<TemplateDef>,
}

/// The text of a file.
pub fn export(look: &mut Look<'_>, kinds: Kinds) -> Result<String, Fault> {
    macro_rules! wanted {
        ($flag:expr, $all:expr) => {
            if $flag { $all } else { Vec::new() }
        };
    }
    let document = Document {
        group: wanted!(kinds.groups, catalogue::export(look)?),
        category: wanted!(kinds.categories, apps::export_categories(look)?),
        agreement: wanted!(kinds.agreements, people::export_agreements(look)?),
        reason: wanted!(kinds.reasons, review::export_reasons(look)?),
        template: wanted!(kinds.templates, courier::export_templates(look)?),
    };
    toml::to_string_pretty(&document).map_err(|e| Fault::internal(e.to_string()))
}
