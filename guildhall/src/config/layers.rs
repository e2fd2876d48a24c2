//! The four layers that settings come from, each laid over the one before, and what they got wrong.

use super::problem::{Origin, Problem, nearest};
use super::value::{Value, found};
use std::io::Read;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Shown as set or empty, never as what they are.
pub(super) const SECRETS: [&str; 4] =
    ["database.url", "vault.master_key", "mail.password", "files.s3_secret_key"];

const PREFIX: &str = "GUILDHALL_";
const MOST_BYTES: u64 = 1 << 20;

pub(super) struct Setting {
    pub name: String,
    pub value: Value,
    pub origin: Origin,
}

impl Setting {
    pub(super) fn is_secret(&self) -> bool {
        SECRETS.contains(&self.name.as_str())
    }

    fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.to_ascii_uppercase().replacen('.', "__", 1))
    }
}

/// What one layer says of one setting: TOML has types, variables and flags have only text.
enum Given<'a> {
    Toml(&'a DeValue<'a>),
    Text(&'a str),
}

/// How files are read; tests have their own.
pub(super) type Files<'f> = &'f dyn Fn(&Path) -> Result<String, String>;

/// All settings in the order of `default.toml`, as far as the layers have been laid.
pub(super) struct Layers<'f> {
    files: Files<'f>,
    pub settings: Vec<Setting>,
    pub problems: Vec<Problem>,
    pub warnings: Vec<String>,
    /// The file could not be read, so that what is missing cannot be judged.
    pub incomplete: bool,
}

impl<'f> Layers<'f> {
    pub(super) fn defaults(text: &str, files: Files<'f>) -> Layers<'f> {
        let (settings, problems, warnings) = Default::default();
        let mut layers = Layers { files, settings, problems, warnings, incomplete: false };
        layers.read_toml(text, "default.toml", |layers, name, value, line| match Value::from_toml(value) {
            Some(value) => layers.settings.push(Setting { name, value, origin: Origin::Default }),
            None => layers.problems.push(Problem::Syntax {
                file: "default.toml".to_owned(),
                line,
                why: format!("{name} cannot be {}", found(value)),
            }),
        });
        layers
    }

    pub(super) fn file(&mut self, path: &Path) {
        let file = path.display().to_string();
        match (self.files)(path) {
            Ok(text) => self.read_toml(&text, &file.clone(), |layers, name, value, line| {
                layers.put(&name, Origin::File { file: file.clone(), line }, &Given::Toml(value));
            }),
            Err(why) => {
                self.incomplete = true;
                self.problems.push(Problem::Unreadable { file, why });
            }
        }
    }

    pub(super) fn environment(&mut self, env: impl Iterator<Item = (String, String)>) {
        let mut ours: Vec<(String, String)> = env.filter(|(name, _)| name.starts_with(PREFIX)).collect();
        // The environment has no order of its own, and the same mistakes should read the same each time.
        ours.sort();
        for (variable, text) in ours {
            let name = variable[PREFIX.len()..].to_ascii_lowercase();
            let Some((section, key)) = name.split_once("__") else {
                let meant = self.settings.iter().find(|s| s.name.replacen('.', "_", 1) == name);
                self.warnings.extend(meant.map(|s| {
                    format!("{variable} has no effect: did you mean {}, with two underscores?", s.variable())
                }));
                continue;
            };
            self.put(&format!("{section}.{key}"), Origin::Environment(variable), &Given::Text(&text));
        }
    }

    pub(super) fn flags(&mut self, flags: &[(String, String)]) {
        for (name, text) in flags {
            if SECRETS.contains(&name.as_str()) {
                self.warnings.push(format!(
                    "{name} in flag --set {name}: others on this machine can read it in the list of processes; \
                     use --set {name}_file=…"
                ));
            }
            self.put(name, Origin::Flag(name.clone()), &Given::Text(text));
        }
    }

    fn read_toml(
        &mut self,
        text: &str,
        file: &str,
        mut each: impl FnMut(&mut Self, String, &DeValue<'_>, usize),
    ) {
        let line = |at: usize| text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count() + 1;
        let (table, mut errors) = DeTable::parse_recoverable(text);
        errors.sort_by_key(|e| e.span().map_or(0, |span| span.start));
        self.incomplete |= !errors.is_empty();
        // `message` alone: the error's `Display` quotes the line, which may hold a password.
        self.problems.extend(errors.iter().map(|e| Problem::Syntax {
            file: file.to_owned(),
            line: line(e.span().map_or(0, |s| s.start)),
            why: e.message().to_owned(),
        }));
        if !errors.is_empty() {
            return;
        }
        let mut entries = Vec::new();
        for (section, value) in table.get_ref() {
            let (at, section) = (section.span().start, section.get_ref());
            let keys = match value.get_ref() {
                DeValue::Table(keys) if !keys.is_empty() => keys,
                other => {
                    entries.push((at, section.to_string(), other));
                    continue;
                }
            };
            let name = |key: &str| format!("{section}.{key}");
            entries.extend(keys.iter().map(|(k, v)| (k.span().start, name(k.get_ref()), v.get_ref())));
        }
        entries.sort_by_key(|(at, _, _)| *at);
        for (at, name, value) in entries {
            each(self, name, value, line(at));
        }
    }

    fn put(&mut self, name: &str, origin: Origin, given: &Given<'_>) {
        let Some((at, from_file)) = self.find(name, &origin) else {
            let is_section = self.settings.iter().any(|s| s.name.split('.').next() == Some(name));
            match given {
                Given::Toml(DeValue::Table(_)) if is_section => {}
                Given::Toml(_) if is_section => {
                    let (name, why) = (name.to_owned(), format!("is a section, which begins with [{name}]"));
                    self.problems.push(Problem::Wrong { name, origin, why });
                }
                _ => {
                    let nearest = self.nearest(name, &origin);
                    self.problems.push(Problem::Unknown { name: name.to_owned(), origin, nearest });
                }
            }
            return;
        };
        let setting = &self.settings[at];
        if setting.origin.same_layer(&origin) {
            let (name, first) = (setting.name.clone(), setting.origin.clone());
            self.problems.push(Problem::Twice { name, first, second: origin });
            return;
        }
        let value = match given {
            Given::Toml(value) => Value::from_toml(value)
                .filter(|v| v.is_like(&setting.value))
                .ok_or_else(|| format!("expected {}, found {}", setting.value.expected(), found(value))),
            Given::Text(text) => Value::from_text(text, &setting.value)
                .ok_or_else(|| format!("expected {}", setting.value.expected())),
        };
        let value = match value {
            Ok(Value::Text(path)) if from_file => content(&path, self.files).map_err(|why| {
                // Who writes the secret itself where its file belongs should not find it in a log.
                if setting.is_secret() {
                    format!("cannot read this file: {why}")
                } else {
                    format!("cannot read {path}: {why}")
                }
            }),
            other => other,
        };
        let setting = &mut self.settings[at];
        match value {
            Ok(value) => (setting.value, setting.origin) = (value, origin),
            Err(why) => self.problems.push(Problem::Wrong { name: name.to_owned(), origin, why }),
        }
    }

    /// Which setting is meant, and whether by the file that holds its value.
    fn find(&self, name: &str, origin: &Origin) -> Option<(usize, bool)> {
        let called = |name: &str| self.settings.iter().position(|s| s.name == name);
        // Variables are known by exact spelling, as the system knows them.
        if matches!(origin, Origin::Environment(v) if v.bytes().any(|b| b.is_ascii_lowercase())) {
            return None;
        }
        called(name).map(|at| (at, false)).or_else(|| {
            let at = called(name.strip_suffix("_file")?)?;
            may_name_file(&self.settings[at], origin).then_some((at, true))
        })
    }

    fn nearest(&self, name: &str, origin: &Origin) -> Option<String> {
        let known = |name: &&str| self.settings.iter().any(|s| s.name == **name);
        let without = name.strip_suffix("_file").filter(known).map(str::to_owned);
        let found = without.or_else(|| {
            let files =
                self.settings.iter().filter(|s| may_name_file(s, origin)).map(|s| format!("{}_file", s.name));
            nearest(name, self.settings.iter().map(|s| s.name.clone()).chain(files))
        })?;
        Some(match origin {
            Origin::Environment(_) => {
                format!("{PREFIX}{}", found.to_ascii_uppercase().replacen('.', "__", 1))
            }
            _ => found,
        })
    }
}

/// Whether this layer may name a file that holds the value.
fn may_name_file(setting: &Setting, origin: &Origin) -> bool {
    setting.value.is_text() && (setting.is_secret() || !matches!(origin, Origin::File { .. }))
}

fn content(path: &str, files: Files<'_>) -> Result<Value, String> {
    let text = files(Path::new(path))?;
    // One line end, which editors and `echo` put there; any other may belong to the secret.
    let text = text.strip_suffix('\n').map_or(text.as_str(), |t| t.strip_suffix('\r').unwrap_or(t));
    Ok(Value::Text(text.to_owned()))
}

pub(super) fn read_bounded(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|e| e.to_string())?;
    file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(|e| e.to_string())?;
    if text.len() as u64 > MOST_BYTES { Err("it is larger than 1 MiB".to_owned()) } else { Ok(text) }
}
