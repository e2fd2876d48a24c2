//! What files would change, before anything is changed.

use super::read::{Blueprint, Placed};
use courier::Courier;
use kernel::{Failure, Fault};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use store::{Change, Look, difference};

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    Make,
    Change(Vec<Change>),
    Same,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub what: String,
    pub step: Step,
}

#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Plan {
    pub lines: Vec<Line>,
    /// What does not fit how things stand; with any of it nothing is done.
    pub wrong: Vec<String>,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|l| l.step == Step::Same)
    }
    fn count(&self, of: fn(&Step) -> bool) -> usize {
        self.lines.iter().filter(|l| of(&l.step)).count()
    }
}

/// A value as a line of the plan shows it.
fn short(value: &Value) -> String {
    let text = match value {
        Value::Null => return "nothing".to_owned(),
        other => other.to_string(),
    };
    if text.chars().count() <= 70 {
        text
    } else {
        format!("{}…", text.chars().take(70).collect::<String>())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            match &line.step {
                Step::Make => writeln!(f, "+ {}", line.what)?,
                Step::Same => {}
                Step::Change(changes) => {
                    writeln!(f, "~ {}", line.what)?;
                    for c in changes {
                        let mut text = String::new();
                        write!(text, "    {}: {} → {}", c.path, short(&c.before), short(&c.after))?;
                        // Terminals obey control characters; texts are only texts.
                        let shown: String = text.chars().filter(|c| !c.is_control()).collect();
                        writeln!(f, "{shown}")?;
                    }
                }
            }
        }
        let made = self.count(|s| *s == Step::Make);
        let changed = self.count(|s| matches!(s, Step::Change(_)));
        let same = self.count(|s| *s == Step::Same);
        write!(f, "{made} to make, {changed} to change, {same} as they are")
    }
}

fn json<T: Serialize>(it: &T) -> Result<Value, Fault> {
    serde_json::to_value(it).map_err(|e| Fault::internal(e.to_string()))
}

fn step<T: Serialize>(before: Option<&T>, after: &T) -> Result<Step, Fault> {
    let Some(before) = before else { return Ok(Step::Make) };
    let changes = difference(&json(before)?, &json(after)?);
    Ok(if changes.is_empty() { Step::Same } else { Step::Change(changes) })
}

/// Compares what the files say with what there is.
pub fn plan(look: &mut Look<'_>, b: &Blueprint, courier: &Courier) -> Result<Plan, Fault> {
    let mut plan = Plan::default();
    let mut add = |what: String, step: Step| plan.lines.push(Line { what, step });

    let groups = catalogue::export(look)?;
    for p in &b.groups {
        let found = groups.iter().find(|g| g.key == p.it.key);
        let mut wanted = p.it.clone();
        if wanted.methods.is_none() {
            wanted.methods = found.map_or(Some(Vec::new()), |g| g.methods.clone());
        }
        add(format!("group {}", p.it.key), step(found, &wanted)?);
    }
    let categories = apps::export_categories(look)?;
    for p in &b.categories {
        let found = categories.iter().find(|c| c.key == p.it.key);
        add(format!("category {}", p.it.key), step(found, &p.it)?);
    }
    for p in &b.reasons {
        let found = review::find_reason_def(look, &p.it.key)?;
        add(format!("reason {}", p.it.key), step(found.as_ref(), &p.it)?);
    }
    let newest = people::newest_agreements(look)?;
    let mut wrong = Vec::new();
    for p in &b.agreements {
        let what = format!("agreement {} version {}", p.it.kind, p.it.version);
        let found = people::find_agreement_def(look, &p.it.kind, p.it.version)?;
        let above = newest.iter().find(|(kind, v)| *kind == p.it.kind && *v > p.it.version);
        match (found, above) {
            (Some(f), _) if f == p.it || f.checked().is_ok_and(|f| f == p.it) => add(what, Step::Same),
            (Some(_), _) => wrong.push(format!(
                "{}: {what} is published with another text: a published version never changes, write version {}",
                p.place(),
                newest.iter().find(|(kind, _)| *kind == p.it.kind).map_or(1, |(_, v)| v + 1)
            )),
            (None, Some((_, v))) => {
                wrong.push(format!("{}: {what}: version {v} is in force, a new one is above it", p.place()))
            }
            (None, None) => add(what, Step::Make),
        }
    }
    for p in &b.templates {
        template(look, p, courier, &mut add, &mut wrong)?;
    }
    unknown_groups(b, groups.iter().map(|g| g.key.as_str()), &mut wrong);
    plan.wrong = wrong;
    Ok(plan)
}

fn template(
    look: &mut Look<'_>,
    p: &Placed<courier::TemplateDef>,
    courier: &Courier,
    add: &mut impl FnMut(String, Step),
    wrong: &mut Vec<String>,
) -> Result<(), Fault> {
    let what = format!("template {} {}", p.it.name, p.it.lang);
    let now = courier::find_template_def(look, &p.it.name, &p.it.lang);
    match (now, p.it.checked(courier)) {
        (Err(Failure::Fault(fault)), _) | (_, Err(Failure::Fault(fault))) => return Err(fault),
        (Ok(now), Ok(wanted)) => add(what, step(Some(&now), &wanted)?),
        (Err(Failure::Refused(why)), _) | (_, Err(Failure::Refused(why))) => {
            let why = match why {
                courier::Refusal::TemplateBroken(e) => e.to_string(),
                _ => "there is no such letter, or no such language".to_owned(),
            };
            wrong.push(format!("{}: {what}: {why}", p.place()));
        }
    }
    Ok(())
}

fn unknown_groups<'a>(b: &'a Blueprint, there: impl Iterator<Item = &'a str>, wrong: &mut Vec<String>) {
    let known: BTreeSet<&str> = there.chain(b.groups.iter().map(|p| p.it.key.as_str())).collect();
    for p in &b.categories {
        for key in p.it.given.iter().chain(&p.it.open).filter(|k| !known.contains(k.as_str())) {
            wrong.push(format!("{}: category {}: there is no group {key}", p.place(), p.it.key));
        }
    }
}
