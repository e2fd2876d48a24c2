//! What cargo knows of the workspace: where it is, where it builds, who depends on whom.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

pub struct Workspace {
    pub root: PathBuf,
    /// Asked of cargo, never guessed: it may lie outside the clone.
    pub target: PathBuf,
    pub members: Vec<Member>,
}

#[derive(Debug, Default)]
pub struct Member {
    pub name: String,
    /// From the root, such as `rooms/people`.
    pub folder: String,
    /// Packages it is built with; those of its tests alone are left out.
    pub imports: Vec<String>,
    pub features: Vec<String>,
}

impl Workspace {
    pub fn read() -> Result<Workspace> {
        // Asked at run time: one build folder may serve several clones.
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
        let output = run_cargo()
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(&xtask)
            .output()
            .context("cargo metadata")?;
        if !output.status.success() {
            bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        }
        Workspace::parse(&serde_json::from_slice(&output.stdout)?)
    }

    fn parse(metadata: &Value) -> Result<Workspace> {
        let root = PathBuf::from(text(metadata, "workspace_root")?);
        let target = PathBuf::from(text(metadata, "target_directory")?);
        let mut members = Vec::new();
        for package in metadata["packages"].as_array().context("packages")? {
            let manifest = PathBuf::from(text(package, "manifest_path")?);
            let folder = manifest.parent().and_then(|p| p.strip_prefix(&root).ok());
            let imports = package["dependencies"].as_array().context("dependencies")?;
            members.push(Member {
                name: text(package, "name")?,
                folder: folder.context("a member outside the workspace")?.to_string_lossy().into_owned(),
                imports: imports
                    .iter()
                    .filter(|d| d["kind"].as_str() != Some("dev"))
                    // Behind a feature (tests, bench) and in no binary that is shipped.
                    .filter(|d| d["optional"].as_bool() != Some(true))
                    .map(|d| text(d, "name"))
                    .collect::<Result<_>>()?,
                features: package["features"].as_object().context("features")?.keys().cloned().collect(),
            });
        }
        Ok(Workspace { root, target, members })
    }

    /// Cargo, in the workspace's root.
    pub fn cargo(&self) -> Command {
        let mut cargo = run_cargo();
        cargo.current_dir(&self.root);
        cargo
    }

    /// `store/postgres-tests,…`: this feature of every package that has it.
    pub fn features_named(&self, feature: &str) -> String {
        let having = self.members.iter().filter(|m| m.features.iter().any(|f| f == feature));
        having.map(|m| format!("{}/{feature}", m.name)).collect::<Vec<_>>().join(",")
    }
}

fn run_cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // `cargo run` tells us about xtask itself; handed on, build scripts that watch these variables
    // would run again at every change between `cargo build` and `cargo xtask`.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_")) {
            cargo.env_remove(name);
        }
    }
    cargo
}

fn text(value: &Value, key: &str) -> Result<String> {
    Ok(value[key].as_str().with_context(|| format!("cargo metadata without {key}"))?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn metadata_is_read() {
        let house = Workspace::parse(&json!({
            "workspace_root": "/src/house", "target_directory": "/elsewhere",
            "packages": [
                {"name": "store", "manifest_path": "/src/house/ground/store/Cargo.toml",
                 "features": {"postgres-tests": [], "testing": []},
                 "dependencies": [{"name": "kernel", "kind": null}, {"name": "proptest", "kind": "dev"},
                                  {"name": "cc", "kind": "build"},
                                  {"name": "rusqlite", "kind": null, "optional": true}]},
                {"name": "kernel", "manifest_path": "/src/house/ground/kernel/Cargo.toml",
                 "features": {}, "dependencies": []},
            ]
        }));
        let house = house.expect("reads");
        assert_eq!(house.members[0].folder, "ground/store");
        assert_eq!(house.members[0].imports, ["kernel", "cc"]);
        assert_eq!(house.features_named("postgres-tests"), "store/postgres-tests");
        assert_eq!(house.target, PathBuf::from("/elsewhere"));
    }
}
