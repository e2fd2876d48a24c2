//! A text as a picture that telephones read.

use fast_qr::{ECL, QRBuilder};
use std::fmt::Write;

/// The code's dark squares as one path, and the side of the square that it is drawn in; nothing and 0 if the
/// text is longer than such a picture can hold.
pub fn qr(text: &str) -> (String, usize) {
    let Ok(qr) = QRBuilder::new(text).ecl(ECL::M).build() else { return (String::new(), 0) };
    let mut path = String::new();
    for y in 0..qr.size {
        for x in 0..qr.size {
            if qr[y][x].value() {
                // Writing to a String does not fail.
                let _ = write!(path, "M{} {}h1v1h-1z", x + 2, y + 2);
            }
        }
    }
    (path, qr.size + 4)
}
