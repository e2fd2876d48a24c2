//! How long tokens last, as staff type and read it: `30 d`, `12 h`, `90 min`.

use kernel::Problem;

const UNITS: &[(&str, i64)] = &[("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

/// In the largest unit that fits exactly.
pub fn write(seconds: i64) -> String {
    let fits = UNITS.iter().find(|(_, size)| seconds != 0 && seconds % size == 0);
    fits.map_or_else(|| "0".to_owned(), |(unit, size)| format!("{} {unit}", seconds / size))
}

pub fn read(text: &str) -> Result<i64, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::Missing);
    }
    let cut = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = (&text[..cut], text[cut..].trim().to_ascii_lowercase());
    let number: i64 = number.parse().map_err(|_| Problem::BadNumber)?;
    let size = match unit.as_str() {
        "" if number == 0 => 1,
        "d" | "day" | "days" | "天" | "día" | "días" => 86_400,
        "h" | "hour" | "hours" | "小时" | "hora" | "horas" => 3_600,
        "min" | "m" | "minutes" | "分钟" | "minutos" => 60,
        "s" | "seconds" | "秒" | "segundos" => 1,
        _ => return Err(Problem::BadNumber),
    };
    number.checked_mul(size).ok_or(Problem::TooLarge(730))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for seconds in [0, 1, 59, 60, 3_600, 5_400, 86_400, 2_592_000, 90_061] {
            assert_eq!(read(&write(seconds)), Ok(seconds));
        }
        assert_eq!((write(2_592_000), write(5_400)), ("30 d".to_owned(), "90 min".to_owned()));
        assert_eq!(read(" 30 Days "), Ok(2_592_000));
        for bad in ["30", "d", "-1 d", "1.5 h", "9999999999999999999 d", "1 fortnight", "１ d"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(read("999999999999999999 d").is_err());
    }
}
