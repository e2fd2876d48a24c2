//! The letters that the house sends, with their built-in texts. Whoever posts a new one adds its line
//! here and its file in each language; a test holds both alike.

use kernel::Lang;
use serde_json::{Map, Value, json};

/// One kind of letter.
#[derive(Debug)]
pub struct LetterKind {
    /// As rooms name it when they post it.
    pub name: &'static str,
    /// What rooms fill in. Those that end in `path` are opened by a button.
    pub args: &'static [&'static str],
    /// Whether it is useless without its link.
    pub carries_link: bool,
    texts: [&'static str; 3],
}

macro_rules! letters {
    ($($name:literal $link:literal [$($arg:literal)*];)*) => {
        pub static LETTERS: &[LetterKind] = &[$(LetterKind {
            name: $name,
            args: &[$($arg),*],
            carries_link: $link,
            texts: [
                include_str!(concat!("../templates/en/", $name, ".txt")),
                include_str!(concat!("../templates/zh-CN/", $name, ".txt")),
                include_str!(concat!("../templates/es/", $name, ".txt")),
            ],
        }),*];
    };
}

letters! {
    "verify" true ["name" "path"];
    "known" false ["name" "path" "reset_path"];
    "reset" true ["name" "path"];
    "password-changed" false ["name" "path"];
    "confirm-email" true ["name" "path"];
    "email-changed" false ["name" "email" "path"];
    "second-factor-on" false ["name" "path"];
    "second-factor-off" false ["name" "path"];
    "developer-activated" false ["name" "developer" "path"];
    "invite" true ["by" "developer" "role" "path"];
    "ownership" false ["name" "developer" "path"];
    "request-submitted" false ["name" "title" "reference" "path"];
    "request-answered" false ["name" "title" "reference" "path"];
    "request-needs-changes" false ["name" "title" "reference" "reason" "path"];
    "request-approved" false ["name" "title" "reference" "reason" "path"];
    "request-rejected" false ["name" "title" "reference" "reason" "path"];
    "request-message" false ["name" "title" "reference" "reason" "path"];
    "request-escalated" false ["name" "title" "reference" "path"];
    "app-created" false ["name" "app" "app_key" "path"];
    "app-secret-reset" false ["name" "app" "app_key" "hours" "path"];
    "app-online" false ["name" "app" "app_key" "path"];
    "app-suspended" false ["name" "app" "step" "reason" "path"];
    "app-penalty" false ["name" "app" "step" "reason" "path"];
    "app-penalty-lifted" false ["name" "app" "step" "path"];
    "app-idle" false ["name" "app" "days" "left" "path"];
    "app-hibernating" false ["name" "app" "days" "path"];
    "desk-digest" false ["name" "pending" "late" "free" "path"];
    "ticket-opened" false ["name" "reference" "title" "developer" "path"];
    "ticket-replied" false ["name" "reference" "title" "developer" "path"];
    "ticket-solved" false ["name" "reference" "title" "developer" "path"];
    "ticket-closed" false ["name" "reference" "title" "developer" "path"];
    "ticket-assigned" false ["name" "reference" "title" "developer" "path"];
}

/// What stands around every letter: what to do if the button fails, and who sent this.
static FRAME_TEXTS: [&str; 3] = [
    include_str!("../templates/en/frame.txt"),
    include_str!("../templates/zh-CN/frame.txt"),
    include_str!("../templates/es/frame.txt"),
];

const fn place(lang: Lang) -> usize {
    match lang {
        Lang::En | Lang::Pseudo => 0,
        Lang::ZhCn => 1,
        Lang::Es => 2,
    }
}

/// The line of the frame that begins with `what`, a colon and a blank.
pub(crate) fn frame_line(lang: Lang, what: &str) -> &'static str {
    let lines = FRAME_TEXTS[place(lang)].lines();
    lines.filter_map(|l| l.split_once(": ")).find(|(name, _)| *name == what).map_or("", |(_, text)| text)
}

impl LetterKind {
    pub fn find(name: &str) -> Option<&'static LetterKind> {
        LETTERS.iter().find(|l| l.name == name)
    }

    /// The built-in subject and body.
    pub(crate) fn built_in(&self, lang: Lang) -> (&'static str, &'static str) {
        let text = self.texts[place(lang)];
        let (first, body) = text.split_once('\n').unwrap_or((text, ""));
        (first.strip_prefix("Subject: ").unwrap_or(first), body.trim())
    }

    /// Something to fill in, for previews and for trying out what the operator writes.
    pub fn sample(&self, lang: Lang) -> Map<String, Value> {
        let name = match lang {
            Lang::ZhCn => "李娜",
            Lang::Es => "Ana Ruiz",
            Lang::En | Lang::Pseudo => "Ada Lane",
        };
        let reason = match lang {
            Lang::ZhCn => "营业执照的图片不清晰，无法辨认。\n\n营业执照：右侧被裁掉了",
            Lang::Es => "La licencia no se puede leer.\n\nLicencia: falta el borde derecho",
            Lang::En | Lang::Pseudo => "The licence cannot be read.\n\nLicence: the right edge is cut off",
        };
        let sample = |arg: &str| match arg {
            "name" => json!(name),
            "by" => json!("Tom Berg"),
            "email" => json!("new.address@example.com"),
            "developer" => json!("Blue Harbour Software"),
            "role" => json!("engineer"),
            "app" => json!("Order.Sync"),
            "app_key" => json!("51200480"),
            "step" => json!("stopped"),
            "hours" => json!(24),
            "days" => json!(60),
            "left" => json!(30),
            "title" => json!("Commercial Developer"),
            "reference" => json!("R-7K3M-Q2WX"),
            "reason" => json!(reason),
            "pending" => json!(12),
            "late" => json!(2),
            "free" => json!(5),
            link if link.ends_with("path") => json!(format!("/sample/{link}")),
            other => json!(other),
        };
        self.args.iter().map(|arg| ((*arg).to_owned(), sample(arg))).collect()
    }
}
