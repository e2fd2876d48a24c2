//! Countries and territories by their two letters, with names in each language.

use crate::{Lang, Problem};
use std::sync::LazyLock;

static TABLE: LazyLock<Vec<[&'static str; 4]>> = LazyLock::new(|| {
    include_str!("countries.tsv")
        .lines()
        .filter_map(|l| l.split('\t').collect::<Vec<_>>().try_into().ok())
        .collect()
});

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Country(&'static [&'static str; 4]);

impl Country {
    pub fn parse(code: &str) -> Result<Country, Problem> {
        if code.is_empty() {
            return Err(Problem::Missing);
        }
        TABLE.iter().find(|row| row[0] == code).map(Country).ok_or(Problem::NotOneOfThese)
    }
    pub fn code(self) -> &'static str {
        self.0[0]
    }
    pub fn name(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En | Lang::Pseudo => self.0[1],
            Lang::ZhCn => self.0[2],
            Lang::Es => self.0[3],
        }
    }
    pub fn all() -> impl Iterator<Item = Country> {
        TABLE.iter().map(Country)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_whole() {
        assert_eq!(TABLE.len(), include_str!("countries.tsv").lines().count());
        assert!(Country::all().all(|c| c.code().len() == 2 && !c.name(Lang::ZhCn).is_empty()));
        assert_eq!(Country::parse("ES").map(|c| c.name(Lang::Es)), Ok("España"));
        assert_eq!(Country::parse("es"), Err(Problem::NotOneOfThese));
    }
}
