//! The languages that Guildhall speaks.

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Lang {
    #[default]
    En,
    ZhCn,
    Es,
    /// English made 35 % longer and accented, to see layouts break before translators do.
    Pseudo,
}

impl Lang {
    /// Those that people may choose.
    pub const ALL: [Lang; 3] = [Lang::En, Lang::ZhCn, Lang::Es];

    pub const fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::ZhCn => "zh-CN",
            Lang::Es => "es",
            Lang::Pseudo => "en-XA",
        }
    }
    /// How the language calls itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Lang::En => "English",
            Lang::ZhCn => "简体中文",
            Lang::Es => "Español",
            Lang::Pseudo => "Ƥşḗŭḓǿ",
        }
    }
    pub fn from_tag(tag: &str) -> Option<Lang> {
        match tag {
            "en" => Some(Lang::En),
            "zh-CN" => Some(Lang::ZhCn),
            "es" => Some(Lang::Es),
            "en-XA" => Some(Lang::Pseudo),
            _ => None,
        }
    }
    /// The best of `Accept-Language`, by its weights; the first named wins a tie.
    pub fn negotiate(header: &str) -> Option<Lang> {
        let mut best: Option<(u32, Lang)> = None;
        for part in header.split(',').take(16) {
            let mut bits = part.trim().split(';');
            let range = bits.next().unwrap_or("").to_ascii_lowercase();
            let weight = bits
                .find_map(|b| b.trim().strip_prefix("q=")?.parse::<f32>().ok())
                .map_or(1000, |q| (q.clamp(0.0, 1.0) * 1000.0) as u32);
            let lang = match range.split('-').next().unwrap_or("") {
                "en" => Lang::En,
                "zh" => Lang::ZhCn,
                "es" => Lang::Es,
                _ => continue,
            };
            if weight > best.map_or(0, |(w, _)| w) {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiates_by_weight() {
        assert_eq!(Lang::negotiate("zh-TW,zh;q=0.9,en;q=0.8"), Some(Lang::ZhCn));
        assert_eq!(Lang::negotiate("fr, es-MX;q=0.5, en;q=0.4"), Some(Lang::Es));
        assert_eq!(Lang::negotiate("en;q=0, fr"), None);
        assert_eq!(Lang::negotiate(";;;,=,q"), None);
    }
}
