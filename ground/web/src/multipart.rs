//! Multipart forms, strictly as browsers send them, piece by piece: what is held at any time is one piece
//! of the body and at most one part's head, whatever the sender claims.

/// A part's head; our pages need a tenth of it.
const HEAD: usize = 4 * 1024;
const HEADERS: usize = 8;
/// As the standard has it.
const BOUNDARY: usize = 70;

/// The body is not one that a browser makes of a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Malformed;

/// What a part says of itself.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Head {
    pub name: String,
    /// Of a file's part, also where none was chosen: then it is empty.
    pub file_name: Option<String>,
}

#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// The next piece of the body is wanted.
    More,
    Part(Head),
    Data(Vec<u8>),
    /// The last boundary has come; nothing may follow.
    End,
}

enum State {
    /// Right behind a boundary.
    Behind,
    Head,
    Inside,
    Over,
}

pub(crate) struct Multipart {
    /// With the line end in front of it, which belongs to it.
    boundary: Vec<u8>,
    held: Vec<u8>,
    state: State,
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    let first = *what.first()?;
    let mut from = 0;
    while let Some(at) = text.get(from..)?.iter().position(|b| *b == first) {
        if text[from + at..].starts_with(what) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

impl Multipart {
    /// Of a `Content-Type`, if it is one of a multipart form.
    pub(crate) fn new(content_type: &str) -> Option<Multipart> {
        let (kind, rest) = content_type.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            return None;
        }
        let (name, value) = rest.trim().split_once('=')?;
        let value = value.strip_prefix('"').map_or(Some(value), |v| v.strip_suffix('"'))?;
        let fine = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&b);
        if !name.eq_ignore_ascii_case("boundary") || !(1..=BOUNDARY).contains(&value.len()) {
            return None;
        }
        value.bytes().all(fine).then(|| Multipart {
            boundary: format!("\r\n--{value}").into_bytes(),
            // So that the first boundary is like the others.
            held: b"\r\n".to_vec(),
            state: State::Inside,
        })
    }

    pub(crate) fn feed(&mut self, piece: &[u8]) {
        self.held.extend_from_slice(piece);
    }

    /// Whether the body may end here.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// The next step of what was fed. What stands in front of the first boundary comes as data without a
    /// part: the caller refuses it.
    pub(crate) fn step(&mut self) -> Result<Step, Malformed> {
        match self.state {
            State::Inside => self.inside(),
            State::Behind => match self.held.get(..2) {
                None => Ok(Step::More),
                Some(b"\r\n") => {
                    self.held.drain(..2);
                    self.state = State::Head;
                    self.step()
                }
                Some(b"--") => {
                    self.held.drain(..2);
                    self.state = State::Over;
                    self.step()
                }
                Some(_) => Err(Malformed),
            },
            State::Head => match find(&self.held, b"\r\n\r\n") {
                Some(end) if end <= HEAD => {
                    let head = read_head(&self.held[..end])?;
                    self.held.drain(..end + 4);
                    self.state = State::Inside;
                    Ok(Step::Part(head))
                }
                None if self.held.len() <= HEAD + 4 => Ok(Step::More),
                _ => Err(Malformed),
            },
            // One line end may follow the last boundary.
            State::Over if b"\r\n".starts_with(&self.held) => Ok(Step::End),
            State::Over => Err(Malformed),
        }
    }

    fn inside(&mut self) -> Result<Step, Malformed> {
        if let Some(at) = find(&self.held, &self.boundary) {
            if at > 0 {
                return Ok(Step::Data(self.held.drain(..at).collect()));
            }
            self.held.drain(..self.boundary.len());
            self.state = State::Behind;
            return self.step();
        }
        // A boundary may have begun at the end of what is here.
        match (self.held.len() + 1).saturating_sub(self.boundary.len()) {
            0 => Ok(Step::More),
            safe => Ok(Step::Data(self.held.drain(..safe).collect())),
        }
    }
}

fn read_head(bytes: &[u8]) -> Result<Head, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed)?;
    let (mut disposition, mut kinds, mut count) = (None, 0, 0);
    for line in text.split("\r\n") {
        let (name, value) = line.split_once(':').ok_or(Malformed)?;
        count += 1;
        let token = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if count > HEADERS
            || name.is_empty()
            || !name.bytes().all(token)
            || value.contains(['\r', '\n', '\0'])
        {
            return Err(Malformed);
        }
        if name.eq_ignore_ascii_case("content-disposition") {
            if disposition.replace(value.trim()).is_some() {
                return Err(Malformed);
            }
        } else if name.eq_ignore_ascii_case("content-type") {
            kinds += 1;
        } else if name.eq_ignore_ascii_case("content-transfer-encoding") {
            // Nobody may send it any more, and whoever does means bytes that are not the file's.
            return Err(Malformed);
        }
    }
    if kinds > 1 {
        return Err(Malformed);
    }
    read_disposition(disposition.ok_or(Malformed)?)
}

fn read_disposition(text: &str) -> Result<Head, Malformed> {
    let (kind, mut rest) = text.split_once(';').ok_or(Malformed)?;
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return Err(Malformed);
    }
    let (mut name, mut file_name) = (None, None);
    loop {
        let (key, after) = rest.split_once('=').ok_or(Malformed)?;
        let (value, after) = after.strip_prefix('"').and_then(|v| v.split_once('"')).ok_or(Malformed)?;
        let place = match key.trim() {
            k if k.eq_ignore_ascii_case("name") => &mut name,
            k if k.eq_ignore_ascii_case("filename") => &mut file_name,
            // Browsers send no others; the starred form would be a second name for the same thing.
            _ => return Err(Malformed),
        };
        // What browsers escape, and nothing else.
        let value = value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
        if place.replace(value).is_some() {
            return Err(Malformed);
        }
        match after.trim_start().strip_prefix(';') {
            Some(more) => rest = more,
            None if after.trim().is_empty() => break,
            None => return Err(Malformed),
        }
    }
    let name = name.filter(|n| !n.is_empty()).ok_or(Malformed)?;
    Ok(Head { name, file_name })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The parts of a body that is fed in pieces of `size`, or that it is malformed.
    fn read(body: &[u8], size: usize) -> Option<Vec<(Head, Vec<u8>)>> {
        let mut m = Multipart::new("multipart/form-data; boundary=xyz").expect("a form");
        let mut parts: Vec<(Head, Vec<u8>)> = Vec::new();
        for piece in body.chunks(size.max(1)) {
            m.feed(piece);
            loop {
                match m.step().ok()? {
                    Step::More | Step::End => break,
                    Step::Part(head) => parts.push((head, Vec::new())),
                    Step::Data(data) => parts.last_mut()?.1.extend(data),
                }
            }
        }
        m.is_over().then_some(parts)
    }

    fn part(head: &str, data: &str) -> String {
        format!("--xyz\r\n{head}\r\n\r\n{data}\r\n")
    }

    #[test]
    fn parts_read_alike_however_they_are_cut() {
        let named = part("Content-Disposition: form-data; name=\"a\"", "one\r\n--xy is not it");
        let empty = part("content-disposition: form-data; name=\"b%22\"", "");
        let file = part(
            "Content-Disposition: form-data; name=\"f\"; filename=\"é .png\"\r\nContent-Type: image/png",
            "\r\n\r\n--xyx",
        );
        let body = format!("{named}{empty}{file}--xyz--\r\n");
        for size in 1..body.len() {
            let parts = read(body.as_bytes(), size).expect("reads");
            let said: Vec<_> = parts
                .iter()
                .map(|(h, d)| (h.name.as_str(), h.file_name.as_deref(), String::from_utf8_lossy(d)))
                .collect();
            assert_eq!(
                said,
                [
                    ("a", None, "one\r\n--xy is not it".into()),
                    ("b\"", None, "".into()),
                    ("f", Some("é .png"), "\r\n\r\n--xyx".into())
                ],
                "in pieces of {size}"
            );
        }
    }

    #[test]
    fn u3_bodies_that_no_browser_makes_are_refused() {
        let a = "Content-Disposition: form-data; name=\"a\"";
        let end = "--xyz--";
        let many = format!("{a}{}", "\r\nX: y".repeat(9));
        let long = format!("{a}\r\nX: {}", "y".repeat(HEAD));
        for bad in [
            String::new(),
            end[..5].to_owned(),
            part(a, "1"),
            format!("preamble\r\n{}{end}", part(a, "1")),
            format!("{}{end}epilogue", part(a, "1")),
            format!("{}--xyz \r\n{end}", part(a, "1")),
            format!("{}{end}", part("", "1")),
            format!("{}{end}", part("Content-Type: text/plain", "1")),
            format!("{}{end}", part("Content-Disposition: attachment; name=\"a\"", "1")),
            format!("{}{end}", part("Content-Disposition: form-data; filename=\"a\"", "1")),
            format!("{}{end}", part("Content-Disposition: form-data; name=a", "1")),
            format!("{}{end}", part("Content-Disposition: form-data; name=\"a\"; name=\"b\"", "1")),
            format!("{}{end}", part("Content-Disposition: form-data; name=\"a\"; filename*=utf-8''x", "1")),
            format!("{}{end}", part(&format!("{a}\r\n{a}"), "1")),
            format!("{}{end}", part(&format!("{a}\r\nContent-Transfer-Encoding: base64"), "1")),
            format!("{}{end}", part(&format!("{a}\r\n folded"), "1")),
            format!("{}{end}", part(&many, "1")),
            format!("{}{end}", part(&long, "1")),
        ] {
            assert_eq!(read(bad.as_bytes(), 7), None, "{bad:.200}");
        }
        for bad in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x"] {
            assert!(Multipart::new(bad).is_none(), "{bad}");
        }
        let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
        assert!(Multipart::new(&long).is_none());
        assert!(Multipart::new("multipart/form-data; boundary=x; charset=utf-7").is_none());
    }

    /// U3: a head that does not end is not waited for.
    #[test]
    fn u3_what_is_held_stays_small() {
        let mut m = Multipart::new("multipart/form-data; boundary=xyz").expect("a form");
        m.feed(b"--xyz\r\nX: ");
        let piece = vec![b'y'; 8 * 1024];
        let mut refused = false;
        for _ in 0..128 {
            m.feed(&piece);
            if m.step().is_err() {
                refused = true;
                break;
            }
        }
        assert!(refused && m.held.len() < 64 * 1024, "{} are held", m.held.len());
    }

    proptest! {
        #[test]
        fn nothing_sent_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), size in 1usize..40) {
            let _ = read(&bytes, size);
        }
        #[test]
        fn data_comes_through_unchanged(data in proptest::collection::vec(any::<u8>(), 0..300), size in 1usize..40) {
            prop_assume!(find(&data, b"\r\n--xyz").is_none());
            let head = "--xyz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n";
            let body = [head.as_bytes(), &data, b"\r\n--xyz--"].concat();
            let parts = read(&body, size).expect("reads");
            prop_assert_eq!(&parts[0].1, &data);
        }
    }
}
