//! `guildhall doctor`: what is missing or wrong, in plain words, and what to do.

use crate::config::{Config, Transport};
use crate::open;
use kernel::{Fault, FileId};
use store::{House, Opening, audit, migrate, outbox};

/// Each thing that was looked at: what it is, and what is wrong with it.
pub async fn examine(config: &Config) -> Vec<(String, Result<String, String>)> {
    let mut found = Vec::new();
    let mut say = |what: &str, how: Result<String, String>| found.push((what.to_owned(), how));

    let plain = config.site.public_url.starts_with("http://");
    say(
        "public address",
        match plain {
            true => Ok(format!("{} (without TLS: for this machine only)", config.site.public_url)),
            false => Ok(config.site.public_url.clone()),
        },
    );
    say(
        "mail",
        match config.mail.transport {
            Transport::Smtp => open::transport(config)
                .map(|_| format!("SMTP by {}", config.mail.host))
                .map_err(|e| format!("{e:#}: check [mail] in the configuration")),
            Transport::Mailbox if plain => Ok("kept in the built-in mailbox".to_owned()),
            Transport::Mailbox => {
                Err("no mail leaves this house: set mail.transport to \"smtp\" and mail.host".to_owned())
            }
        },
    );

    let db = match open::database(config, Opening::Tool).await {
        Ok(db) => db,
        Err(e) => {
            say("database", Err(format!("{e:#}")));
            return found;
        }
    };
    match migrate::missing(&db).await {
        Ok(0) => say("database", Ok("answers, schema up to date".to_owned())),
        Ok(n) => {
            say("database", Err(format!("{n} migrations are missing: run `guildhall migrate`")));
            return found;
        }
        Err(fault) => {
            say("database", Err(fault.to_string()));
            return found;
        }
    }
    db.close();
    let house = match open::house(config, Opening::Tool).await {
        Ok(house) => house,
        Err(e) => {
            say("master key", Err(format!("{e:#}")));
            return found;
        }
    };
    say("master key", Ok("opens what was sealed".to_owned()));
    let h = house.clone();
    let chain = house.db.snapshot(move |l| audit::verify(l, &h)).await;
    say(
        "audit",
        match chain {
            Ok(audit::Verdict::Whole { entries, unsealed }) => {
                Ok(format!("{entries} entries, {unsealed} to be sealed"))
            }
            Ok(audit::Verdict::Broken { seq, why }) => {
                Err(format!("broken at entry {seq}: {why}. Compare with a backup before anything else"))
            }
            Err(fault) => Err(fault.to_string()),
        },
    );
    let staff = people::list_staff(&open::people(config, house.clone())).await;
    say(
        "administrator",
        match staff {
            Ok(list) if list.iter().any(|l| l.role == people::StaffRole::Administrator) => {
                Ok(format!("{} roles given", list.len()))
            }
            Ok(_) => Err(format!(
                "nobody yet: start `guildhall serve` and open the link in {}",
                config.setup_link_path().display()
            )),
            Err(e) => Err(format!("{e:?}")),
        },
    );
    say(
        "outbox",
        match outbox::counts(&house).await {
            Ok((waiting, 0)) => Ok(format!("{waiting} waiting")),
            Ok((_, dead)) => {
                Err(format!("{dead} letters were given up: see guildhall_outbox_dead and the log"))
            }
            Err(Fault { text, .. }) => Err(text),
        },
    );
    for (what, how) in look_at_files(config, &house).await {
        say(what, how);
    }
    house.db.close();
    found
}

/// So many files are looked for one by one; in a bucket each of them is a request.
const LOOKED_FOR: u64 = 20_000;

/// Whether files can be kept, and whether the bytes of those that are kept are there.
async fn look_at_files(config: &Config, house: &House) -> Vec<(&'static str, Result<String, String>)> {
    let files = match open::files(config, house.clone()) {
        Ok(files) => files,
        Err(e) => return vec![("files", Err(format!("{e:#}")))],
    };
    let place = files.depot.place();
    let id = FileId::new(house.now(), &*house.random);
    let tried = match depot::probe(&*files.depot, id).await {
        Ok(()) => Ok(format!("kept in {place}: a trial file was put, read and taken away")),
        Err(fault) => Err(format!(
            "{place} keeps no files: {fault}. Look at [files] in the settings, and at its rights"
        )),
    };
    let mut found = vec![("files", tried)];
    // What cannot be reached is not looked through as well.
    if found.iter().any(|(_, how)| how.is_err()) {
        return found;
    }
    let there = match files::missing(&files, LOOKED_FOR).await {
        Ok(files::Missing { looked_at, missing: 0, .. }) => Ok(format!("{looked_at} looked for, all there")),
        Ok(files::Missing { looked_at, missing, first }) => {
            let first: Vec<_> = first.iter().map(ToString::to_string).collect();
            Err(format!(
                "{missing} of {looked_at} are not in {place}, or not whole: {}. Bring them back from its backup",
                first.join(", ")
            ))
        }
        Err(fault) => Err(fault.to_string()),
    };
    found.push(("bytes of files", there));
    found
}
