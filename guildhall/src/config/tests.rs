//! The configuration as an operator meets it: layers, mistakes and how they are told.

use super::layers::SECRETS;
use super::*;
use std::collections::HashMap;
use std::marker::PhantomData;

const SECRET: &str = "hunter2-correct-horse";

/// A machine's files, environment and command line.
#[derive(Default)]
struct Given {
    file: Option<String>,
    files: HashMap<String, String>,
    env: Vec<(String, String)>,
    flags: Vec<(String, String)>,
}

impl Given {
    fn file(mut self, text: &str) -> Given {
        self.file = Some(text.to_owned());
        self
    }
    fn content(mut self, path: &str, text: &str) -> Given {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }
    fn env(mut self, name: &str, value: &str) -> Given {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }
    fn flag(mut self, name: &str, value: &str) -> Given {
        self.flags.push((name.to_owned(), value.to_owned()));
        self
    }
    fn load(&self) -> Result<Loaded, Vec<Problem>> {
        let files = |path: &Path| {
            let name = path.to_str().expect("text");
            let own = self.file.as_ref().filter(|_| name == "guildhall.toml");
            own.or_else(|| self.files.get(name)).cloned().ok_or_else(|| "no such file".to_owned())
        };
        let file = self.file.as_ref().map(|_| Path::new("guildhall.toml"));
        Config::load_with(DEFAULT, &files, file, self.env.iter().cloned(), &self.flags)
    }
    fn config(&self) -> Config {
        self.load().map(|l| l.config).map_err(|p| said(&p)).unwrap()
    }
    fn problems(&self) -> Vec<String> {
        said(&self.load().err().unwrap_or_default())
    }
    fn warnings(&self) -> Vec<String> {
        self.load().map(|l| l.warnings).map_err(|p| said(&p)).unwrap()
    }
    fn explained(&self, name: &str) -> String {
        let lines = self.load().map(|l| l.explain()).map_err(|p| said(&p)).unwrap();
        lines.into_iter().find(|l| l.starts_with(&format!("{name} = "))).unwrap()
    }
}

fn given() -> Given {
    Given::default()
}

fn said(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(Problem::to_string).collect()
}

#[test]
fn later_layers_win() {
    let mut given = given();
    let sees = |name: &str, origin: &str, given: &Given| {
        assert_eq!(given.config().site.name, name);
        assert_eq!(given.explained("site.name"), format!("site.name = \"{name}\"   from {origin}"));
    };
    sees("Guildhall", "the defaults", &given);
    given = given.file("[log]\nlevel = 'warn'\n[site]\nname = 'File'\n");
    sees("File", "guildhall.toml line 4", &given);
    given = given.env("GUILDHALL_SITE__NAME", "Env");
    sees("Env", "environment GUILDHALL_SITE__NAME", &given);
    given = given.flag("site.name", "Flag");
    sees("Flag", "flag --set site.name", &given);
    assert_eq!(given.config().log.level, LogLevel::Warn, "what nobody replaced stays");
}

#[test]
fn the_defaults_are_what_the_manual_says() {
    let loaded = given().load().map_err(|p| said(&p)).unwrap();
    let config = &loaded.config;
    assert_eq!(loaded.warnings, Vec::<String>::new());
    assert_eq!(config.site.public_url, "http://127.0.0.1:8080");
    assert_eq!(config.site.known_hosts(), ["127.0.0.1:8080"]);
    assert_eq!(config.listen.pages.to_string(), "127.0.0.1:8080");
    assert_eq!(config.listen.operations.to_string(), "127.0.0.1:8082");
    assert_eq!(config.listen.header_timeout.as_secs(), 10);
    assert_eq!(config.mail.from_name, "Guildhall");
    assert_eq!(config.master_key_path(), Path::new("./guildhall-data/master.key"));
    assert!(matches!(config.master_key(), MasterKey::File(path) if path == config.master_key_path()));
    let store::Settings::Sqlite(sqlite) = config.database_settings() else { panic!("sqlite") };
    assert_eq!(sqlite.path, Path::new("./guildhall-data/guildhall.db"));
}

#[test]
fn every_setting_is_documented_and_explained_in_the_manuals_order() {
    let lines: Vec<&str> = DEFAULT.lines().collect();
    let mut section = "";
    let mut names = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        assert!(line.chars().count() <= 120, "line {} is long", n + 1);
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            let comment: Vec<&&str> = lines[..n].iter().rev().take_while(|l| l.starts_with("# ")).collect();
            assert!((1..=3).contains(&comment.len()), "{section}.{key}: one to three lines of comment");
            let name = format!("{section}.{key}");
            let told = comment.iter().any(|l| l.contains(&format!("{key}_file")));
            assert_eq!(
                told,
                SECRETS.contains(&name.as_str()),
                "{name}: of secrets the manual names the _file"
            );
            names.push(name);
        }
    }
    let explained = given().load().map_err(|p| said(&p)).unwrap().explain();
    let explained: Vec<&str> = explained.iter().filter_map(|l| l.split(" = ").next()).collect();
    assert_eq!(explained, names);
    assert!(SECRETS.iter().all(|s| names.iter().any(|n| n == s)));
}

#[test]
fn a_setting_that_nothing_reads_is_refused() {
    let more = format!("{DEFAULT}\n# Nothing.\nforgotten = 1\n");
    let problems =
        Config::load_with(&more, &layers::read_bounded, None, std::iter::empty(), &[]).err().unwrap();
    let why = "log.forgotten in the defaults: default.toml has it, and nothing reads it";
    assert_eq!(said(&problems), [why]);
}

#[test]
fn the_manual_is_a_file_that_loads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("default.toml");
    let loaded = Config::load(Some(&path), std::iter::empty(), &[]).map_err(|p| said(&p)).unwrap();
    assert!(loaded.explain().iter().all(|l| l.contains("default.toml line ")));
    let missing = Config::load(Some(Path::new("no/such.toml")), std::iter::empty(), &[]).err().unwrap();
    assert!(said(&missing)[0].starts_with("cannot read no/such.toml: "), "{missing:?}");
}

#[test]
fn variables_are_read_as_what_they_replace() {
    let config = given()
        .env("GUILDHALL_LISTEN__MAX_CONNECTIONS", "20_000")
        .env("GUILDHALL_SITE__NAME", "1984")
        .env("GUILDHALL_SITE__HOSTS", "a.example, B.example:8443,")
        .env("GUILDHALL_SITE__TRUSTED_PROXIES", "['10.0.0.1', \"::1\"]")
        .env("GUILDHALL_MAIL__FROM_NAME", "'quoted'")
        .env("GUILDHALL_TEST_POSTGRES", "not a setting")
        .env("PATH", "/bin")
        .config();
    assert_eq!(config.listen.max_connections, 20_000);
    assert_eq!(config.site.name, "1984");
    assert_eq!(config.site.hosts, ["a.example", "b.example:8443"]);
    assert_eq!(config.site.trusted_proxies.len(), 2);
    assert_eq!(config.mail.from_name, "quoted");
    let near = given().env("GUILDHALL_SITE_NAME", "x").warnings();
    let why = "GUILDHALL_SITE_NAME has no effect: did you mean GUILDHALL_SITE__NAME, with two underscores?";
    assert_eq!(near, [why]);
}

#[test]
fn secrets_come_from_files() {
    let with = |given: Given| {
        given.content("/run/secrets/x", " a \"secret\" \n\n").env("GUILDHALL_MAIL__USERNAME", "u")
    };
    for given in [
        with(given()).env("GUILDHALL_MAIL__PASSWORD_FILE", "/run/secrets/x"),
        with(given()).file("[mail]\npassword_file = '/run/secrets/x'\n"),
        with(given()).flag("mail.password_file", "/run/secrets/x"),
    ] {
        assert_eq!(given.config().mail.password.reveal(), " a \"secret\" \n");
        assert!(given.explained("mail.password").starts_with("mail.password = (set)   from "));
    }
    let named = given().content("/n", "Named\r\n").env("GUILDHALL_SITE__NAME_FILE", "/n");
    assert_eq!(named.config().site.name, "Named");
    assert_eq!(
        named.explained("site.name"),
        "site.name = \"Named\"   from environment GUILDHALL_SITE__NAME_FILE"
    );
    let real = given().env("GUILDHALL_DATABASE__CA_FILE", "/etc/ca.pem").config();
    assert_eq!(real.database.ca_file.as_deref(), Some(Path::new("/etc/ca.pem")), "a setting of that name");
    assert_eq!(real.mail.ca_file, None);

    let gone = given().env("GUILDHALL_MAIL__PASSWORD_FILE", SECRET).flag("mail.username", "u");
    let why = "environment GUILDHALL_MAIL__PASSWORD_FILE: cannot read this file: no such file";
    assert_eq!(
        gone.flag("mail.transport", "smtp").flag("mail.host", "m.example").problems(),
        [format!("mail.password_file in {why}")],
        "neither what may be the password, nor that there is none"
    );
    let gone = given().flag("site.name_file", "/gone").problems();
    assert_eq!(gone, ["site.name_file in flag --set site.name_file: cannot read /gone: no such file"]);
    let both = given().content("/x", "x").file("[mail]\npassword = 'a'\npassword_file = '/x'\n").problems();
    assert_eq!(
        both,
        ["mail.password is set twice, in guildhall.toml line 2 and in guildhall.toml line 3: keep one"]
    );
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    for (given, expected) in [
        (
            given().file("[site]\n\npublc_url = 1\n"),
            "unknown setting site.publc_url in guildhall.toml line 3: did you mean site.public_url?",
        ),
        (
            given().file("public_url = 'https://a.example'\n"),
            "unknown setting public_url in guildhall.toml line 1: did you mean site.public_url?",
        ),
        (
            given().file("[mail]\npasword_file = '/x'\n"),
            "unknown setting mail.pasword_file in guildhall.toml line 2: did you mean mail.password_file?",
        ),
        (
            given().file("[site]\nname_file = '/x'\n"),
            "unknown setting site.name_file in guildhall.toml line 2: did you mean site.name?",
        ),
        (given().file("[site.extra]\na = 1\n"), "unknown setting site.extra in guildhall.toml line 1"),
        (given().file("[treasury]\n"), "unknown setting treasury in guildhall.toml line 1"),
        (
            given().env("GUILDHALL_SITE__PUBLC_URL", "x"),
            "unknown setting site.publc_url in environment GUILDHALL_SITE__PUBLC_URL: \
             did you mean GUILDHALL_SITE__PUBLIC_URL?",
        ),
        (
            given().env("GUILDHALL_site__name", "x"),
            "unknown setting site.name in environment GUILDHALL_site__name: did you mean GUILDHALL_SITE__NAME?",
        ),
        (
            given().env("GUILDHALL_MAIL__PORT_FILE", "x"),
            "unknown setting mail.port_file in environment GUILDHALL_MAIL__PORT_FILE: \
             did you mean GUILDHALL_MAIL__PORT?",
        ),
        (
            given().flag("site.nane", "x"),
            "unknown setting site.nane in flag --set site.nane: did you mean site.name?",
        ),
    ] {
        assert_eq!(given.problems(), [expected]);
    }
    assert!(given().file("[site]\n[people]\n").problems().is_empty(), "an empty section is no mistake");
}

#[test]
fn wrong_kinds_are_refused_where_they_stand() {
    for (given, expected) in [
        (
            given().file("[site]\nname = 5\n"),
            "site.name in guildhall.toml line 2: expected a text in quotes, found a whole number",
        ),
        (
            given().file("[mail]\nport = '587'\n"),
            "mail.port in guildhall.toml line 2: expected a whole number, found a text",
        ),
        (
            given().file("[site]\nhosts = 'a'\n"),
            "site.hosts in guildhall.toml line 2: expected a list of texts, found a text",
        ),
        (
            given().file("[mail]\nport = 99999999999999999999\n"),
            "mail.port in guildhall.toml line 2: expected a whole number, found one that is too large",
        ),
        (
            given().file("[site]\nhosts = [1]\n"),
            "site.hosts in guildhall.toml line 2: expected a list of texts, found a list of something else",
        ),
        (given().file("site = 5\n"), "site in guildhall.toml line 1: is a section, which begins with [site]"),
        (
            given().env("GUILDHALL_MAIL__PORT", "many"),
            "mail.port in environment GUILDHALL_MAIL__PORT: expected a whole number",
        ),
        (
            given().env("GUILDHALL_SITE__HOSTS", "['a"),
            "site.hosts in environment GUILDHALL_SITE__HOSTS: expected a list of texts",
        ),
        (given().flag("mail.port", ""), "mail.port in flag --set mail.port: expected a whole number"),
    ] {
        assert_eq!(given.problems(), [expected]);
    }
}

#[test]
fn a_syntax_error_names_its_line_and_quotes_nothing() {
    let broken = given().file(&format!("[mail]\n\npassword = \"{SECRET}\nport = 1\n"));
    let problems = broken.problems();
    assert!(problems.iter().all(|p| p.starts_with("guildhall.toml line ")), "{problems:?}");
    assert!(problems[0].starts_with("guildhall.toml line 3: "), "{problems:?}");
    assert!(!problems.concat().contains(SECRET), "{problems:?}");
    let also = broken.env("GUILDHALL_MAIL__PROT", "1").env("GUILDHALL_MAIL__TRANSPORT", "smtp").problems();
    assert_eq!(also.len(), problems.len() + 1, "mail.host may stand in the unread file: {also:?}");
    let twice = given().file("[site]\nname = 'a'\nname = 'b'\n").problems();
    assert!(twice[0].starts_with("guildhall.toml line 3: "), "{twice:?}");
}

#[test]
fn all_problems_are_told_at_once() {
    let problems = given()
        .file("[site]\nnam = 'x'\npublic_url = 'ftp://a'\n[listen]\npages = 80\nmax_connections = 0\n")
        .env("GUILDHALL_DATABASE__CONNECTIONS", "201")
        .env("GUILDHALL_MAIL__TLS", "ssl")
        .flag("log.level", "loud")
        .flag("mail.transport", "smtp")
        .problems();
    assert_eq!(
        problems,
        [
            "unknown setting site.nam in guildhall.toml line 2: did you mean site.name?",
            "listen.pages in guildhall.toml line 5: expected a text in quotes, found a whole number",
            "site.public_url in guildhall.toml line 3: must be http:// or https:// and a host name, without \
             path, such as https://open.example.com",
            "listen.max_connections in guildhall.toml line 6: must be a number from 1 to 1000000",
            "database.connections in environment GUILDHALL_DATABASE__CONNECTIONS: must be a number from 1 to 200",
            "mail.tls in environment GUILDHALL_MAIL__TLS: is \"ssl\", must be one of starttls, implicit, none",
            "log.level in flag --set log.level: is \"loud\", must be one of error, warn, info, debug, trace",
            "mail.host in the defaults: must name the mail server, as mail.transport is smtp",
        ]
    );
}

#[test]
fn addresses_of_the_site_are_checked() {
    for (url, expected) in [
        ("https://Open.Example.com/", "https://open.example.com"),
        ("https://open.example:443", "https://open.example"),
        ("http://localhost:80", "http://localhost"),
        ("https://open.example:8443", "https://open.example:8443"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ] {
        assert_eq!(given().flag("site.public_url", url).config().site.public_url, expected);
    }
    for url in [
        "",
        "open.example",
        "ftp://open.example",
        "https://",
        "https:///",
        "https://a/b",
        "https://a?b",
        "https://a#b",
        "https://u:p@a",
        "https://a:",
        "https://a:+1",
        "https://a:99999",
        "https://a b",
        "https://-a",
        "https://a..b",
        "https://[::1",
        "https://[::1]x",
        "https://münchen.example",
        "https://a//",
    ] {
        assert_eq!(given().flag("site.public_url", url).problems().len(), 1, "{url}");
    }
    for (name, bad) in [
        ("site.name", " "),
        ("site.name", "two\nlines"),
        ("site.hosts", "https://a.example"),
        ("site.language", "de"),
        ("site.language", "en-XA"),
        ("site.trusted_proxies", "10.0.0.0/8"),
        ("listen.pages", "localhost:80"),
        ("listen.operations", "127.0.0.1:8080"),
        ("data.folder", ""),
        ("database.url", "mysql://a"),
        ("database.migrate", "never"),
        ("vault.master_key", "abc"),
        ("mail.from", "Open Platform <a@b.example>"),
    ] {
        let problems = given().flag(name, bad).problems();
        assert!(problems.len() == 1 && problems[0].starts_with(&format!("{name} in flag")), "{problems:?}");
    }
}

#[test]
fn what_works_and_is_rarely_meant_is_warned_of() {
    let warned = |given: Given| -> Vec<String> {
        given.warnings().iter().filter_map(|w| w.split(" in ").next()).map(str::to_owned).collect()
    };
    assert_eq!(
        warned(given().flag("site.public_url", "http://open.example")),
        ["site.public_url", "mail.transport"]
    );
    assert_eq!(warned(given().flag("listen.pages", "0.0.0.0:8080")), ["site.public_url"]);
    assert_eq!(warned(given().flag("listen.operations", "0.0.0.0:8082")), ["listen.operations"]);
    assert_eq!(warned(given().flag("listen.operations", "8.8.8.8:8082")), ["listen.operations"]);
    assert!(warned(given().flag("listen.operations", "10.1.2.3:8082")).is_empty());
    assert!(warned(given().flag("listen.operations", "[fd00::1]:8082")).is_empty());
    assert_eq!(warned(given().flag("mail.password", "x")), ["mail.password"]);
    let smtp = given().flag("mail.transport", "smtp").flag("mail.host", "mail.example");
    assert_eq!(warned(smtp), ["mail.from"]);
    // A certificate to trust, where none is ever shown.
    assert_eq!(warned(given().flag("database.ca_file", "/etc/ca.pem")), ["database.ca_file"]);
    let postgres =
        given().flag("database.ca_file", "/etc/ca.pem").env("GUILDHALL_DATABASE__URL", "postgres://g@db/g");
    assert!(warned(postgres).is_empty());
    let mail = || {
        given().flag("mail.transport", "smtp").flag("mail.host", "m.example").flag("mail.from", "a@b.example")
    };
    assert!(warned(mail().flag("mail.ca_file", "/etc/ca.pem")).is_empty());
    assert_eq!(warned(mail().flag("mail.ca_file", "/etc/ca.pem").flag("mail.tls", "none")), ["mail.ca_file"]);
}

#[test]
fn a_bucket_is_named_whole() {
    let s3 = |endpoint: &str, bucket: &str| {
        let named = given().flag("files.s3_endpoint", endpoint).flag("files.s3_bucket", bucket);
        let keyed = named.flag("files.s3_access_key", "k").content("/run/s3", "secret\n");
        keyed.flag("files.storage", "s3").flag("files.s3_secret_key_file", "/run/s3")
    };
    assert_eq!(given().flag("files.storage", "s3").problems().len(), 4);
    assert_eq!(s3("https://s3.example", "b").config().files.s3_secret_key.reveal(), "secret");
    let warned = |endpoint| s3(endpoint, "b").warnings().len();
    assert_eq!([warned("http://127.0.0.1:9000"), warned("http://s3.example")], [0, 1]);
    for (at, bucket) in [("s3.example", "b"), ("https://s3.example/b", "b"), ("https://s3.example", "B b")] {
        assert_eq!(s3(at, bucket).problems().len(), 1, "{at} {bucket}");
    }
}

#[test]
fn settings_that_belong_together_are_checked_together() {
    let smtp = || {
        given().flag("mail.transport", "smtp").flag("mail.host", "m.example").flag("mail.from", "a@b.example")
    };
    assert!(smtp().problems().is_empty());
    let half = smtp().flag("mail.username", "u").problems();
    assert_eq!(half, ["mail.password in the defaults: is empty, and mail.username is not: set both or none"]);
    let half = smtp().env("GUILDHALL_MAIL__PASSWORD", SECRET).problems();
    assert_eq!(half, ["mail.username in the defaults: is empty, and mail.password is not: set both or none"]);
    let key = "42".repeat(32);
    let two = given()
        .env("GUILDHALL_VAULT__MASTER_KEY", &key)
        .flag("vault.master_key_command", "get-key")
        .problems();
    assert_eq!(two.len(), 1, "{two:?}");
    let command = given().flag("vault.master_key_command", "get-key").config().master_key();
    assert!(matches!(command, MasterKey::Command(c) if c == "get-key"));
    let postgres = given().env("GUILDHALL_DATABASE__URL", "postgres://a:b@c/d").config().database_settings();
    let store::Settings::Postgres(postgres) = postgres else { panic!("postgres") };
    assert_eq!((postgres.url.as_str(), postgres.connections), ("postgres://a:b@c/d", 8));
}

#[test]
fn secrets_are_told_nowhere() {
    let good = given()
        .env("GUILDHALL_DATABASE__URL", &format!("postgres://g:{SECRET}@db/g"))
        .env("GUILDHALL_MAIL__PASSWORD", SECRET);
    let loaded = good.load().map_err(|p| said(&p)).unwrap();
    let told = [loaded.explain(), loaded.warnings].concat().join("\n");
    assert!(!told.contains(SECRET), "{told}");
    assert!(told.contains("database.url = (set)   from environment GUILDHALL_DATABASE__URL\n"));
    assert!(told.contains("vault.master_key = (empty)   from the defaults\n"));

    for name in SECRETS {
        let (section, key) = name.split_once('.').unwrap();
        let in_file = given().file(&format!("[{section}]\n{key} = [\"{SECRET}\"]\n"));
        let in_flag = given().flag(name, SECRET).flag("mail.transport", "smtp");
        for given in [in_file, in_flag] {
            let problems = given.load().err().unwrap();
            assert!(
                !problems.is_empty() && !format!("{problems:?}{:?}", said(&problems)).contains(SECRET),
                "{name}"
            );
        }
    }
}

/// Tells whether a type has `Debug`: an own method is found before a trait's.
struct Probe<T>(PhantomData<T>);
trait Otherwise {
    fn has_debug(&self) -> bool {
        false
    }
}
impl<T> Otherwise for Probe<T> {}
impl<T: std::fmt::Debug> Probe<T> {
    fn has_debug(&self) -> bool {
        true
    }
}

#[test]
fn what_holds_secrets_cannot_be_printed() {
    assert!(Probe::<Site>(PhantomData).has_debug(), "the probe works");
    assert!(!Probe::<Config>(PhantomData).has_debug());
    assert!(!Probe::<Loaded>(PhantomData).has_debug());
    assert!(!Probe::<Database>(PhantomData).has_debug());
    assert!(!Probe::<Vault>(PhantomData).has_debug());
    assert!(!Probe::<Mail>(PhantomData).has_debug());
    assert!(!Probe::<MasterKey>(PhantomData).has_debug());
    assert!(!Probe::<value::Value>(PhantomData).has_debug());
}
