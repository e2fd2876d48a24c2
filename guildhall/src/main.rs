//! The command line: reads words, calls one function, says what happened.

use anyhow::{anyhow, bail};
use clap::{Parser, Subcommand};
use guildhall::blueprint::Kinds;
use guildhall::config::{Config, Loaded, LogFormat};
use guildhall::{demo, doctor, operations, serve, tools};
use people::StaffRole;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// A marketplace's open platform in one binary.
#[derive(Parser)]
#[command(name = "guildhall", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Args, Clone, Default)]
struct Settings {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A single setting, over file and environment: --set site.name="Open Platform".
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE")]
    set: Vec<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the house.
    Serve(#[command(flatten)] Settings),
    /// Try it: a whole house on this machine, with people in it.
    Demo {
        /// Port for the pages; 0 takes a free one.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Keep the data here instead of in a temporary folder.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Write what was seeded to this file, as JSON, when everything listens.
        #[arg(long, value_name = "FILE")]
        manifest: Option<PathBuf>,
        /// Begin anew in the folder of --data.
        #[arg(long)]
        reset: bool,
    },
    /// Bring the database's schema up to this version.
    Migrate(#[command(flatten)] Settings),
    /// Say what is missing or wrong.
    Doctor(#[command(flatten)] Settings),
    /// Write the whole database to a file, while the house is open.
    Backup {
        file: PathBuf,
        #[command(flatten)]
        settings: Settings,
    },
    /// Bring a backup into an empty house.
    Restore {
        file: PathBuf,
        #[command(flatten)]
        settings: Settings,
    },
    /// Bring categories, groups, agreements, reasons and letters to what files say.
    Apply {
        /// A file, or several.
        #[arg(short = 'f', long = "file", value_name = "FILE", required = true, num_args = 1..)]
        files: Vec<PathBuf>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// Only say what would change.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Print categories, groups, agreements, reasons and changed letters as a file for apply.
    Export {
        /// Only this kind: group, category, agreement, reason, template. May come more than once.
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<String>,
        #[command(flatten)]
        settings: Settings,
    },
    /// The audit.
    #[command(subcommand)]
    Audit(Audit),
    /// The configuration.
    #[command(subcommand)]
    Config(Show),
    /// The master keys.
    #[command(subcommand)]
    Keys(Keys),
    /// The operator's people.
    #[command(subcommand)]
    Staff(Staff),
    /// The version.
    Version,
}

#[derive(Subcommand)]
enum Audit {
    /// Walk the chain and say whether it is whole.
    Verify(#[command(flatten)] Settings),
}

#[derive(Subcommand)]
enum Keys {
    /// Print a new master key, to be put in front of the present one.
    New,
    /// Seal everything anew under the first master key; can be stopped and begun again.
    Rotate(#[command(flatten)] Settings),
}

#[derive(Subcommand)]
enum Show {
    /// Say whether the configuration can be used.
    Check(#[command(flatten)] Settings),
    /// Print each setting and where it comes from.
    Explain(#[command(flatten)] Settings),
    /// Print the defaults, which are also the manual.
    Default,
}

#[derive(Subcommand)]
enum Staff {
    /// Give an account a role: reviewer, catalogue_manager, support, administrator.
    Add {
        email: String,
        #[arg(long, default_value = "reviewer")]
        role: String,
        /// Make the account if it is not there, under this name.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Who has which role.
    List(#[command(flatten)] Settings),
    /// Take a role away.
    Remove {
        email: String,
        #[arg(long)]
        role: String,
        #[command(flatten)]
        settings: Settings,
    },
}

/// What a command tells, on standard output.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that went away has read enough.
    let _ = writeln!(out, "{text}");
}

fn load(settings: &Settings) -> anyhow::Result<Loaded> {
    let mut flags = Vec::new();
    for pair in &settings.set {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| anyhow!("--set takes section.key=value, not {pair}"))?;
        flags.push((key.to_owned(), value.to_owned()));
    }
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let env = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
    Config::load(settings.config.as_deref(), env, &flags).map_err(|problems| {
        anyhow!(
            "the configuration cannot be used:\n{}",
            problems.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n")
        )
    })
}

fn log(level: &str, format: LogFormat) {
    // Ours at the wished level; libraries only when something is wrong with them.
    let filter = format!(
        "warn,guildhall={level},web={level},lobby={level},store={level},people={level},courier={level},\
         account={level},console={level},desk={level},site={level},demo={level}"
    );
    let layer =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A log that cannot be written is no reason to die: the default would panic in its place.
    let layer = layer.log_internal_errors(false);
    // Another subscriber is there already: then that one is listened to.
    let _ = match format {
        LogFormat::Json => layer.json().flatten_event(true).try_init(),
        LogFormat::Text => layer.try_init(),
    };
}

/// Secrets are in this memory: it is not written to the disk when the process dies.
fn no_core_dumps() {
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(e) = rustix::process::setrlimit(rustix::process::Resource::Core, none) {
        tracing::warn!(error = %e, "core dumps could not be switched off");
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("pages").build()?)
}

fn role(text: &str) -> anyhow::Result<StaffRole> {
    StaffRole::from_word(text).ok_or_else(|| {
        let all: Vec<_> = StaffRole::ALL.iter().map(|r| r.word()).collect();
        anyhow!("there is no role {text}; there are {}", all.join(", "))
    })
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(settings) => {
            let loaded = load(&settings)?;
            log(loaded.config.log.level.word(), loaded.config.log.format);
            for warning in &loaded.warnings {
                tracing::warn!("{warning}");
            }
            no_core_dumps();
            operations::count();
            runtime()?.block_on(serve::serve(loaded.config))?;
        }
        Command::Demo { port, data, manifest, reset } => {
            log("warn", LogFormat::Text);
            if reset && data.is_none() {
                bail!("--reset goes with --data: without it every demo begins anew");
            }
            let wishes = demo::Wishes { port, folder: data, reset, manifest };
            runtime()?.block_on(run_demo(&wishes))?;
        }
        Command::Migrate(settings) => {
            let loaded = load(&settings)?;
            log("warn", LogFormat::Text);
            let ran = runtime()?.block_on(tools::run_migrations(&loaded.config))?;
            say(&format!("{ran} migrations ran; the schema is {}", store::migrate::newest()));
        }
        Command::Doctor(settings) => return examine(&settings),
        Command::Backup { file, settings } => {
            let loaded = load(&settings)?;
            log("warn", LogFormat::Text);
            let r = runtime()?.block_on(tools::save(&loaded.config, &file))?;
            say(&format!("{} rows of {} tables are in {}", r.rows, r.tables, file.display()));
            say("the master key is not in it: keep a copy of that key elsewhere");
            let place = loaded.config.files_place();
            say(&format!("nor are the bytes of files that people handed in: copy {place} now, after this"));
        }
        Command::Restore { file, settings } => {
            let loaded = load(&settings)?;
            log("warn", LogFormat::Text);
            let r = runtime()?.block_on(tools::bring_back(&loaded.config, &file))?;
            say(&format!("{} rows of {} tables are back, and the audit is whole", r.rows, r.tables));
            say("sessions were left behind: everybody signs in anew");
        }
        Command::Apply { files, yes, dry_run, settings } => {
            let loaded = load(&settings)?;
            log("warn", LogFormat::Text);
            runtime()?.block_on(run_apply(&loaded.config, &files, yes, dry_run))?;
        }
        Command::Export { kinds, settings } => {
            let kinds = Kinds::of(&kinds).map_err(|why| anyhow!(why))?;
            let loaded = load(&settings)?;
            log("warn", LogFormat::Text);
            say(runtime()?.block_on(tools::export(&loaded.config, kinds))?.trim_end());
        }
        Command::Audit(Audit::Verify(settings)) => {
            let loaded = load(&settings)?;
            log("warn", LogFormat::Text);
            match runtime()?.block_on(tools::verify_audit(&loaded.config))? {
                store::audit::Verdict::Whole { entries, .. } => {
                    say(&format!("the audit is whole: {entries} entries"))
                }
                store::audit::Verdict::Broken { seq, why } => {
                    bail!("the audit is broken at entry {seq}: {why}")
                }
            }
        }
        Command::Config(Show::Default) => say(guildhall::config::DEFAULT),
        Command::Config(Show::Check(settings)) => {
            for warning in &load(&settings)?.warnings {
                say(&format!("warning: {warning}"));
            }
            say("the configuration can be used");
        }
        Command::Config(Show::Explain(settings)) => {
            for line in load(&settings)?.explain() {
                say(&line);
            }
        }
        Command::Keys(Keys::New) => say(store::MasterKeys::fresh(&kernel::SystemRandom).trim_end()),
        Command::Keys(Keys::Rotate(settings)) => {
            let loaded = load(&settings)?;
            log("warn", LogFormat::Text);
            match runtime()?.block_on(tools::rotate_keys(&loaded.config))? {
                Some(n) => {
                    say(&format!("{n} rows were sealed anew under the first master key"));
                    say("the older keys can be taken away; backups made until now still need them");
                }
                None => say(
                    "there is one master key, and everything is sealed under it; to change it, put the line that \
                     `guildhall keys new` prints in front of it, restart, and run this again",
                ),
            }
        }
        Command::Staff(staff) => run_staff(staff)?,
        Command::Version => {
            say(&format!("guildhall {} (schema {})", env!("CARGO_PKG_VERSION"), store::migrate::newest()))
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn run_staff(staff: Staff) -> anyhow::Result<()> {
    log("warn", LogFormat::Text);
    match staff {
        Staff::Add { email, role: wished, name, settings } => {
            let loaded = load(&settings)?;
            let wished = role(&wished)?;
            let told =
                runtime()?.block_on(tools::add_staff(&loaded.config, &email, wished, name.as_deref()))?;
            say(&format!("{email} is now {}", wished.word()));
            if let Some(password) = told {
                say(&format!("the account was made; its password, told only now: {password}"));
            }
        }
        Staff::Remove { email, role: which, settings } => {
            let loaded = load(&settings)?;
            let which = role(&which)?;
            runtime()?.block_on(tools::remove_staff(&loaded.config, &email, which))?;
            say(&format!("{email} is no longer {}", which.word()));
        }
        Staff::List(settings) => {
            let loaded = load(&settings)?;
            for line in runtime()?.block_on(tools::list_staff(&loaded.config))? {
                say(&format!("{:<18} {:<32} {}", line.role.word(), line.email, line.name));
            }
        }
    }
    Ok(())
}

fn examine(settings: &Settings) -> anyhow::Result<ExitCode> {
    let loaded = match load(settings) {
        Ok(loaded) => loaded,
        Err(e) => {
            say(&format!("wrong    configuration: {e:#}"));
            return Ok(ExitCode::FAILURE);
        }
    };
    log("error", LogFormat::Text);
    let mut code = ExitCode::SUCCESS;
    for warning in &loaded.warnings {
        say(&format!("warning  configuration: {warning}"));
    }
    for (what, how) in runtime()?.block_on(doctor::examine(&loaded.config)) {
        match how {
            Ok(fine) => say(&format!("fine     {what}: {fine}")),
            Err(wrong) => {
                code = ExitCode::FAILURE;
                say(&format!("wrong    {what}: {wrong}"));
            }
        }
    }
    Ok(code)
}

async fn run_apply(config: &Config, files: &[PathBuf], yes: bool, dry_run: bool) -> anyhow::Result<()> {
    let planned = tools::plan_files(config, files).await?;
    say(&planned.plan.to_string());
    if dry_run || planned.plan.is_empty() {
        return Ok(());
    }
    if !yes {
        if !std::io::stdin().is_terminal() {
            bail!("nothing was changed: nobody is there to ask, and --yes was not given");
        }
        say("Change this? Type yes:");
        let mut typed = String::new();
        std::io::stdin().read_line(&mut typed)?;
        if typed.trim() != "yes" {
            bail!("nothing was changed");
        }
    }
    planned.act().await?;
    say("done");
    Ok(())
}

async fn run_demo(wishes: &demo::Wishes) -> anyhow::Result<()> {
    let demo = demo::open_demo(wishes).await?;
    say(&format!("\n  Guildhall is open:  {}/demo\n", demo.url));
    say("  Be one of these by one click there, or sign in:");
    for p in &demo.people {
        say(&format!("    {:<6} {:<24} {}", p.name, p.email, p.password));
    }
    say(&format!("\n  Mail goes to        {}/demo/mailbox", demo.url));
    say(&format!("  Health and figures  http://{}", demo.running.operations.address));
    say("\n  Only this machine can reach it. Ctrl-C closes it.\n");
    serve::told_to_end().await;
    demo.running.end().await;
    Ok(())
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(e) => {
            let _ = writeln!(std::io::stderr().lock(), "guildhall: {e:#}");
            ExitCode::FAILURE
        }
    }
}
