//! What the stages need besides cargo. On Debian as root the missing is installed, so that a new
//! machine needs no list of commands; elsewhere one line tells what to install.

use crate::run;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

struct Need {
    what: &'static str,
    stages: &'static [&'static str],
    packages: &'static [&'static str],
    is_there: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need {
        what: "a C compiler",
        stages: &["clippy", "unit", "judges"],
        packages: &["gcc", "libc6-dev"],
        is_there: || run::find("cc").is_some(),
    },
    Need {
        what: "a PostgreSQL server",
        stages: &["unit"],
        packages: &["postgresql"],
        is_there: || postgres_bin().is_some(),
    },
    Need {
        what: "a Redis or Valkey server",
        stages: &["unit"],
        packages: &["redis-server"],
        is_there: || run::find("redis-server").or_else(|| run::find("valkey-server")).is_some(),
    },
    Need {
        what: "Chromium",
        stages: &["judges"],
        packages: &["chromium"],
        is_there: || chromium().is_some(),
    },
    Need {
        what: "a font with Chinese characters",
        stages: &["judges"],
        packages: &["fonts-noto-cjk"],
        is_there: has_chinese_font,
    },
    Need {
        what: "Node.js and npm",
        stages: &["judges"],
        packages: &["nodejs", "npm"],
        is_there: || run::find("node").is_some() && run::find("npm").is_some(),
    },
    Need {
        what: "Python 3 with venv",
        stages: &["judges"],
        packages: &["python3", "python3-venv"],
        is_there: || run::answer(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_some(),
    },
];

pub fn needed_by(stage: &str) -> bool {
    NEEDS.iter().any(|n| n.stages.contains(&stage))
}

/// Makes sure that these stages find what they need; alone, the stage `tools` means all.
pub fn ensure(house: &Workspace, stages: &[&str]) -> Result<bool> {
    let all = stages == ["tools"];
    let wanted = |need: &&Need| all || need.stages.iter().any(|s| stages.contains(s));
    let missing = || NEEDS.iter().filter(wanted).filter(|n| !(n.is_there)()).collect::<Vec<_>>();
    let lacking = missing();
    if !lacking.is_empty() && is_root() && run::find("apt-get").is_some() {
        let packages: Vec<&str> = lacking.iter().flat_map(|n| n.packages.iter().copied()).collect();
        install(&packages)?;
    }
    let lacking = missing();
    for need in &lacking {
        println!("needed: {} (on Debian: apt-get install {})", need.what, need.packages.join(" "));
    }
    let mut ok = lacking.is_empty();
    if ok && (all || stages.contains(&"judges")) {
        ok = node_modules(&house.root.join("judges"))? && venv(house)?;
    }
    Ok(ok)
}

fn install(packages: &[&str]) -> Result<()> {
    println!("installing {}", packages.join(" "));
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.args(["-q", "-o", "DPkg::Lock::Timeout=300"]).env("DEBIAN_FRONTEND", "noninteractive");
        // Servers are installed for tests to start, not to run by themselves.
        apt.env("RUNLEVEL", "1");
        apt
    };
    // What cannot be had is told by the list of what is still missing.
    run::quiet_input(apt().arg("update"))?;
    run::quiet_input(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))?;
    Ok(())
}

/// The judges' packages, exactly as locked.
fn node_modules(judges: &Path) -> Result<bool> {
    let lock = judges.join("package-lock.json");
    if !lock.is_file() || is_newer(&judges.join("node_modules/.package-lock.json"), &lock) {
        return Ok(true);
    }
    let mut npm = run::program("npm");
    run::quiet_input(npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(judges))
}

fn is_newer(file: &Path, than: &Path) -> bool {
    let changed = |p: &Path| p.metadata().and_then(|m| m.modified()).ok();
    matches!((changed(file), changed(than)), (Some(a), Some(b)) if a > b)
}

/// The judges' Python packages, in an environment of their own beside what cargo builds.
fn venv(house: &Workspace) -> Result<bool> {
    let requirements = house.root.join("judges/requirements.txt");
    if !requirements.is_file() {
        return Ok(true);
    }
    let wanted = std::fs::read_to_string(&requirements)?;
    let folder = house.target.join("judges-venv");
    let stamp = folder.join("installed.txt");
    let python = folder.join("bin/python");
    // It breaks when the Python that made it is removed.
    let works = run::answer(Command::new(&python).arg("--version")).is_some();
    if works && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(true);
    }
    let made = run::quiet_input(run::program("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    let ok = made && run::quiet_input(Command::new(&python).args(pip).arg(&requirements))?;
    if ok {
        std::fs::write(&stamp, wanted).with_context(|| stamp.display().to_string())?;
    }
    Ok(ok)
}

pub fn venv_python(house: &Workspace) -> PathBuf {
    let python = house.target.join("judges-venv/bin/python");
    // Judges without a requirements.txt need nothing but Python itself.
    if python.exists() { python } else { PathBuf::from("python3") }
}

pub fn chromium() -> Option<PathBuf> {
    let chosen = std::env::var_os("CHROMIUM").filter(|path| !path.is_empty()).map(PathBuf::from);
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    chosen.or_else(|| names.iter().find_map(|name| run::find(name)))
}

/// The folder of `initdb` and `postgres`: Debian keeps it off the PATH, one for each version.
pub fn postgres_bin() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|v| Some((v.file_name().to_str()?.parse::<u32>().ok()?, v.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").is_file() && bin.join("postgres").is_file())
        .max_by_key(|(version, _)| *version);
    newest.map(|(_, bin)| bin).or_else(|| Some(run::find("initdb")?.parent()?.to_owned()))
}

fn has_chinese_font() -> bool {
    Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").is_file()
        || run::answer(Command::new("fc-list").arg(":lang=zh")).is_some_and(|fonts| !fonts.is_empty())
}

pub fn is_root() -> bool {
    run::answer(Command::new("id").arg("-u")).is_some_and(|id| id == "0")
}
