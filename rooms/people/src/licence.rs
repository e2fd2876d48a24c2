//! Licence numbers of companies: one spelling for comparing them, and whether they can be right at all.

/// What can be said about a number without asking anybody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LicenceForm {
    Fine,
    /// No number of that country looks like this: a typing error, or worse.
    Wrong,
    /// Nothing is known here about that country's numbers.
    Unknown,
}

/// The number as it is compared: capital letters and digits.
pub fn licence_key(number: &str) -> String {
    number.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).take(64).collect()
}

/// Whether a number of that country can look like this.
pub fn licence_form(country: &str, number: &str) -> LicenceForm {
    let key = licence_key(number);
    let odd = number.chars().any(|c| !c.is_ascii_alphanumeric() && !" -./".contains(c));
    let fine = match country {
        "ES" => is_spanish(key.strip_prefix("ES").filter(|rest| rest.len() == 9).unwrap_or(&key)),
        "CN" => is_chinese(&key),
        _ => return LicenceForm::Unknown,
    };
    if fine && !odd { LicenceForm::Fine } else { LicenceForm::Wrong }
}

/// NIF of a company (the former CIF), of a person, or of a foreigner.
fn is_spanish(key: &str) -> bool {
    const PERSON: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let bytes = key.as_bytes();
    let [first, middle @ .., last] = bytes else { return false };
    if middle.len() != 7 || !middle.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let number = middle.iter().fold(0u32, |n, b| n * 10 + u32::from(b - b'0'));
    let of_person = |lead: u32| PERSON[((lead * 10_000_000 + number) % 23) as usize] == *last;
    match first {
        b'0'..=b'9' => of_person(u32::from(first - b'0')),
        b'X' => of_person(0),
        b'Y' => of_person(1),
        b'Z' => of_person(2),
        b'A'..=b'H' | b'J'..=b'N' | b'P'..=b'S' | b'U'..=b'W' => {
            let digit = |b: u8| u32::from(b - b'0');
            let sum: u32 = middle
                .iter()
                .enumerate()
                .map(|(i, b)| match (i % 2, digit(*b) * 2) {
                    (0, twice) => twice / 10 + twice % 10,
                    _ => digit(*b),
                })
                .sum();
            let control = (10 - sum % 10) % 10;
            let as_letter = b"JABCDEFGHI"[control as usize] == *last;
            let as_digit = last.is_ascii_digit() && digit(*last) == control;
            match first {
                b'A' | b'B' | b'E' | b'H' => as_digit,
                b'K' | b'L' | b'M' | b'N' | b'P' | b'Q' | b'R' | b'S' | b'W' => as_letter,
                _ => as_digit || as_letter,
            }
        }
        _ => false,
    }
}

/// The unified social credit code of GB 32100: 17 signs and one that checks them.
fn is_chinese(key: &str) -> bool {
    const SIGNS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let value = |b: u8| SIGNS.iter().position(|s| *s == b);
    let Some(values) = key.bytes().map(value).collect::<Option<Vec<_>>>() else { return false };
    let [body @ .., check] = values.as_slice() else { return false };
    if body.len() != 17 {
        return false;
    }
    let (sum, _) = body.iter().fold((0, 1), |(sum, weight), v| ((sum + v * weight) % 31, weight * 3 % 31));
    (31 - sum) % 31 == *check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_can_be_right_are_told_from_those_that_cannot() {
        for good in ["B12345674", "b-12345674", "ES B12345674", "12345678Z", "X1234567L", "Q2826000H"] {
            assert_eq!(licence_form("ES", good), LicenceForm::Fine, "{good}");
        }
        for bad in
            ["B12345675", "B1234567", "12345678A", "", "B1234567４", "<b>12345674", "O12345674", "B12345674B"]
        {
            assert_eq!(licence_form("ES", bad), LicenceForm::Wrong, "{bad}");
        }
        assert_eq!(licence_form("CN", "91330100799655058B"), LicenceForm::Fine);
        assert_eq!(licence_form("CN", "9133 0100 7996 5505 8B"), LicenceForm::Fine);
        for bad in ["91330100799655058C", "9133010079965505", "I1330100799655058B", "国330100799655058B"] {
            assert_eq!(licence_form("CN", bad), LicenceForm::Wrong, "{bad}");
        }
        assert_eq!(licence_form("FR", "anything"), LicenceForm::Unknown);
        assert_eq!(licence_key(" b-1234.5674 "), "B12345674");
    }
}
