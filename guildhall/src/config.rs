//! Guildhall's configuration: `default.toml`, then the operator's file, the environment and flags, each
//! over the one before; whole and checked before anything opens.
//!
//! To add a setting: put it into `default.toml` with its comment, give it a field in `model.rs` and read it in
//! `Config::read` in `rules.rs`. A test fails if one of the three is missing.

mod layers;
mod model;
mod problem;
mod reader;
mod rules;
#[cfg(test)]
mod tests;
mod value;

pub use model::*;
pub(crate) use problem::nearest;
pub use problem::{Origin, Problem};

use layers::{Files, Layers};
use reader::Reader;
use std::path::Path;

/// The defaults and the manual at once.
pub const DEFAULT: &str = include_str!("../default.toml");

/// The configuration, and where it comes from.
#[derive(Clone)]
pub struct Loaded {
    pub config: Config,
    /// What works and is probably not meant.
    pub warnings: Vec<String>,
    explained: Vec<String>,
}

impl Loaded {
    /// Every setting in the order of `default.toml`: its value, if that is no secret, and its origin.
    pub fn explain(&self) -> Vec<String> {
        self.explained.clone()
    }
}

impl Config {
    /// Reads all layers. The process's environment is handed in, so that tests have their own;
    /// flags are pairs such as `("site.name", "Open Platform")`.
    pub fn load(
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
        flags: &[(String, String)],
    ) -> Result<Loaded, Vec<Problem>> {
        Config::load_with(DEFAULT, &layers::read_bounded, file, env, flags)
    }

    fn load_with(
        defaults: &str,
        files: Files<'_>,
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
        flags: &[(String, String)],
    ) -> Result<Loaded, Vec<Problem>> {
        let mut layers = Layers::defaults(defaults, files);
        if let Some(file) = file {
            layers.file(file);
        }
        layers.environment(env);
        layers.flags(flags);
        if layers.incomplete {
            return Err(layers.problems);
        }
        let mut reader = Reader::new(layers);
        let config = Config::read(&mut reader);
        reader.finish();
        config.validate(&mut reader);
        let layers = reader.layers;
        if !layers.problems.is_empty() {
            return Err(layers.problems);
        }
        let explained = layers.settings.iter().map(|s| {
            let shown = match (s.is_secret(), s.value.is_empty()) {
                (false, _) => s.value.to_string(),
                (true, false) => "(set)".to_owned(),
                (true, true) => "(empty)".to_owned(),
            };
            format!("{} = {shown}   from {}", s.name, s.origin)
        });
        Ok(Loaded { config, explained: explained.collect(), warnings: layers.warnings })
    }
}
