//! What differs between two writings of one thing: for the audit, for plans, for whoever comes second.

use serde_json::Value;

/// One place where they differ; `Null` where one of them has nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    pub path: String,
    pub before: Value,
    pub after: Value,
}

/// Everything that differs, in the order of the newer one. Lists of things with a `key`, `name` or `value`
/// are compared thing by thing, other lists whole.
pub fn difference(before: &Value, after: &Value) -> Vec<Change> {
    let mut out = Vec::new();
    walk("", before, after, &mut out);
    out
}

/// As an audit entry tells it: path, before, after. Long texts are cut: the entry says what was touched.
pub fn told(changes: &[Change]) -> Value {
    let one = |c: &Change| serde_json::json!([c.path, short(&c.before), short(&c.after)]);
    changes.iter().take(60).map(one).collect()
}

fn short(value: &Value) -> Value {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => value.to_string(),
        other => return other.clone(),
    };
    if text.chars().count() <= 120 {
        return if value.is_string() { text.into() } else { value.clone() };
    }
    format!("{}…", text.chars().take(120).collect::<String>()).into()
}

fn identity(value: &Value) -> Option<&str> {
    ["key", "name", "value"].iter().find_map(|k| value.get(k)?.as_str())
}

/// The things of a list by what they are called, if each is called something of its own.
fn named(list: &[Value]) -> Option<Vec<(&str, &Value)>> {
    let named: Vec<_> = list.iter().map(|v| Some((identity(v)?, v))).collect::<Option<_>>()?;
    let mut names: Vec<_> = named.iter().map(|(n, _)| *n).collect();
    names.sort_unstable();
    names.windows(2).all(|pair| pair[0] != pair[1]).then_some(named)
}

fn walk(path: &str, before: &Value, after: &Value, out: &mut Vec<Change>) {
    if before == after {
        return;
    }
    let under = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in b {
                walk(&under(name), a.get(name).unwrap_or(&Value::Null), value, out);
            }
            for (name, value) in a.iter().filter(|(name, _)| !b.contains_key(*name)) {
                walk(&under(name), value, &Value::Null, out);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            let (Some(a_named), Some(b_named)) = (named(a), named(b)) else {
                out.push(Change { path: path.to_owned(), before: before.clone(), after: after.clone() });
                return;
            };
            for (name, value) in &b_named {
                let old = a_named.iter().find(|(n, _)| n == name).map_or(&Value::Null, |(_, v)| *v);
                walk(&under(name), old, value, out);
            }
            for (name, value) in a_named.iter().filter(|(n, _)| b_named.iter().all(|(m, _)| m != n)) {
                walk(&under(name), value, &Value::Null, out);
            }
            let order = |list: &[(&str, &Value)], other: &[(&str, &Value)]| -> Value {
                let both = list.iter().filter(|(n, _)| other.iter().any(|(m, _)| m == n));
                both.map(|(n, _)| Value::from(*n)).collect()
            };
            let (was, is) = (order(&a_named, &b_named), order(&b_named, &a_named));
            if was != is {
                out.push(Change { path: under("(order)"), before: was, after: is });
            }
        }
        // A list that files leave out is one with nothing in it.
        (Value::Null, Value::Array(b)) if named(b).is_some_and(|n| !n.is_empty()) => {
            walk(path, &Value::Array(Vec::new()), after, out);
        }
        (Value::Array(a), Value::Null) if named(a).is_some_and(|n| !n.is_empty()) => {
            walk(path, before, &Value::Array(Vec::new()), out);
        }
        _ => out.push(Change { path: path.to_owned(), before: before.clone(), after: after.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_place_is_found_and_equal_ones_are_not() {
        let a =
            json!({"n": 1, "same": [1, 2], "gone": true, "fields": [{"key": "a", "max": 1}, {"key": "b"}]});
        let b = json!({"n": 2, "same": [1, 2], "new": "x", "fields": [{"key": "b"}, {"key": "a", "max": 3}]});
        let paths: Vec<_> = difference(&a, &b).into_iter().map(|c| c.path).collect();
        assert_eq!(paths, ["fields.a.max", "fields.(order)", "n", "new", "gone"]);
        assert_eq!(difference(&a, &a), []);
        assert_eq!(difference(&json!([1, 2]), &json!([2, 1])).len(), 1);
        assert_eq!(difference(&json!([{"key": "a"}, {"key": "a"}]), &json!([])).len(), 1);
    }

    #[test]
    fn an_audit_entry_stays_short() {
        let long = difference(&json!({"text": "x".repeat(5_000)}), &json!({"text": "y"}));
        assert!(told(&long).to_string().len() < 200);
    }
}
