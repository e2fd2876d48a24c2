//! A setting's value as it came: from TOML, or as a text that is to become what its default is.

use std::fmt;
use toml::de::DeValue;

/// Without `Debug`: it may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    List(Vec<String>),
}

impl Value {
    /// `None` for what no setting is: dates, fractions, tables, numbers without bound.
    pub(super) fn from_toml(value: &DeValue<'_>) -> Option<Value> {
        match value {
            DeValue::String(text) => Some(Value::Text(text.clone().into_owned())),
            DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix()).ok().map(Value::Whole),
            DeValue::Array(items) => {
                let texts = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
                texts.collect::<Option<_>>().map(Value::List)
            }
            _ => None,
        }
    }

    /// What a variable or a flag says, read as the kind of value that it replaces.
    pub(super) fn from_text(text: &str, like: &Value) -> Option<Value> {
        let as_toml = DeValue::parse(text).ok().and_then(|v| Value::from_toml(v.get_ref()));
        if let Some(value) = as_toml.filter(|v| v.is_like(like)) {
            return Some(value);
        }
        match like {
            Value::Text(_) => Some(Value::Text(text.to_owned())),
            Value::Whole(_) => None,
            // Meant to be TOML: to take it apart at its commas would hide the mistake.
            Value::List(_) if text.trim_start().starts_with('[') => None,
            Value::List(_) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Some(Value::List(items.map(str::to_owned).collect()))
            }
        }
    }

    pub(super) fn is_like(&self, other: &Value) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self, Value::Text(_))
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Value::Text(text) if text.is_empty())
    }

    pub(super) fn expected(&self) -> &'static str {
        match self {
            Value::Text(_) => "a text in quotes",
            Value::Whole(_) => "a whole number",
            Value::List(_) => "a list of texts",
        }
    }
}

/// As one would write it in the file.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => write!(f, "{}", toml::Value::from(text.as_str())),
            Value::Whole(n) => write!(f, "{n}"),
            Value::List(items) => write!(f, "{}", toml::Value::from(items.clone())),
        }
    }
}

/// What stands in a file, for those who expected something else.
pub(super) fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) if Value::from_toml(value).is_none() => "one that is too large",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) if Value::from_toml(value).is_none() => "a list of something else",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
