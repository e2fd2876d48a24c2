//! The load: HTTP/1.1 by hand over kept connections, as fast as answers come or at a fixed rate.

use crate::machine;
use anyhow::{Context, bail, ensure};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

/// No answer takes so long, unless something is broken.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is asked, and how its answer is known to be right.
pub struct Ask {
    pub address: SocketAddr,
    pub request: String,
    /// Stands once in every row of the page.
    pub mark: &'static str,
    pub rows: usize,
}

struct Kept {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Kept {
    async fn open(ask: &Ask) -> anyhow::Result<Kept> {
        let stream = TcpStream::connect(ask.address).await.context("connecting")?;
        stream.set_nodelay(true)?;
        Ok(Kept { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Asks once and looks at the answer; gives its size.
    async fn ask(&mut self, ask: &Ask) -> anyhow::Result<usize> {
        let asked = tokio::time::timeout(PATIENCE, self.exchange(ask));
        let head = asked.await.context("no answer")??;
        let (head, body) = self.buffer.split_at(head);
        if !head.starts_with(b"HTTP/1.1 200 ") {
            bail!("not 200: {}", String::from_utf8_lossy(head));
        }
        let rows = std::str::from_utf8(body)?.matches(ask.mark).count();
        ensure!(rows == ask.rows, "{rows} rows instead of {}", ask.rows);
        Ok(self.buffer.len())
    }

    /// Fills the buffer with one answer; tells where its body begins.
    async fn exchange(&mut self, ask: &Ask) -> anyhow::Result<usize> {
        self.stream.write_all(ask.request.as_bytes()).await?;
        self.buffer.clear();
        let mut whole = None;
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server hung up");
            }
            if whole.is_none() {
                whole = measure(&self.buffer)?;
            }
            if let Some((head, length)) = whole
                && self.buffer.len() >= head + length
            {
                return Ok(head);
            }
        }
    }
}

/// How long head and body are, once the head is there.
fn measure(buffer: &[u8]) -> anyhow::Result<Option<(usize, usize)>> {
    let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&buffer[..end])?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Ok(Some((end + 4, length.context("an answer without length")?)))
}

/// What a round saw.
pub struct Seen {
    pub answers: usize,
    pub bytes: usize,
    pub took: Duration,
    /// In ms, from when the request should have left.
    pub waits: Vec<f64>,
}

/// Runs the load on its own core and its own thread.
fn apart<F>(core: usize, work: impl FnOnce() -> F + Send) -> anyhow::Result<Seen>
where
    F: Future<Output = anyhow::Result<Seen>>,
{
    let on_thread = || {
        machine::pinned(core, || {
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work())
        })?
    };
    let joined = std::thread::scope(|scope| scope.spawn(on_thread).join());
    joined.map_err(|_| anyhow::anyhow!("the load panicked"))?
}

/// Asks once; gives the page.
pub fn once(core: usize, ask: &Ask) -> anyhow::Result<String> {
    let mut page = String::new();
    apart(core, || async {
        let mut kept = Kept::open(ask).await?;
        let head = tokio::time::timeout(PATIENCE, kept.exchange(ask)).await.context("no answer")??;
        let (head, body) = kept.buffer.split_at(head);
        ensure!(head.starts_with(b"HTTP/1.1 200 "), "not 200: {}", String::from_utf8_lossy(head));
        page = String::from_utf8(body.to_vec())?;
        Ok(Seen { answers: 1, bytes: page.len(), took: Duration::ZERO, waits: Vec::new() })
    })?;
    Ok(page)
}

/// Each connection asks again as soon as it has its answer.
pub fn closed(core: usize, ask: &Arc<Ask>, connections: usize, round: Duration) -> anyhow::Result<Seen> {
    apart(core, || async {
        let mut kept = Vec::new();
        for _ in 0..connections {
            kept.push(Kept::open(ask).await?);
        }
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for mut connection in kept {
            let ask = ask.clone();
            tasks.spawn(async move {
                let (mut waits, mut bytes) = (Vec::new(), 0);
                while start.elapsed() < round {
                    let began = Instant::now();
                    bytes += connection.ask(&ask).await?;
                    waits.push(began.elapsed().as_secs_f64() * 1e3);
                }
                Ok::<_, anyhow::Error>((waits, bytes))
            });
        }
        gather(tasks, start).await
    })
}

/// So many requests a second, whether answers come or not: who is late makes those behind it late too.
pub fn paced(
    core: usize,
    ask: &Arc<Ask>,
    connections: usize,
    per_second: u32,
    round: Duration,
) -> anyhow::Result<Seen> {
    apart(core, || async {
        let (tell, told) = mpsc::unbounded_channel::<Instant>();
        let told = Arc::new(Mutex::new(told));
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            let (ask, told) = (ask.clone(), told.clone());
            let mut connection = Kept::open(&ask).await?;
            tasks.spawn(async move {
                let (mut waits, mut bytes) = (Vec::new(), 0);
                loop {
                    let next = told.lock().await.recv().await;
                    let Some(intended) = next else { return Ok::<_, anyhow::Error>((waits, bytes)) };
                    bytes += connection.ask(&ask).await?;
                    waits.push(intended.elapsed().as_secs_f64() * 1e3);
                }
            });
        }
        let start = Instant::now();
        // tokio's clock ticks in milliseconds, which would be most of what is measured.
        let metronome = std::thread::spawn(move || beat(start, per_second, round, &tell));
        let seen = gather(tasks, start).await;
        // It has ended, or the tasks would not have.
        let _ = metronome.join();
        seen
    })
}

fn beat(start: Instant, per_second: u32, round: Duration, tell: &mpsc::UnboundedSender<Instant>) {
    let step = Duration::from_secs(1) / per_second.max(1);
    let mut next = start + step;
    while next < start + round {
        let wait = next.saturating_duration_since(Instant::now());
        if wait.is_zero() {
            if tell.send(next).is_err() {
                return;
            }
            next += step;
        } else {
            std::thread::park_timeout(wait);
        }
    }
}

type Task = anyhow::Result<(Vec<f64>, usize)>;

async fn gather(mut tasks: JoinSet<Task>, start: Instant) -> anyhow::Result<Seen> {
    let mut seen = Seen { answers: 0, bytes: 0, took: Duration::ZERO, waits: Vec::new() };
    while let Some(ended) = tasks.join_next().await {
        let (waits, bytes) = ended??;
        seen.waits.extend(waits);
        seen.bytes += bytes;
    }
    seen.answers = seen.waits.len();
    seen.took = start.elapsed();
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::measure;

    #[test]
    fn an_answer_is_measured_once_its_head_is_there() {
        assert!(measure(b"HTTP/1.1 200 OK\r\nContent-Le").is_ok_and(|m| m.is_none()));
        let whole = measure(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
        assert!(whole.is_ok_and(|m| m == Some((38, 5))));
        assert!(measure(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
