//! Many people who sign up at once, and an exact list of what each was told.

use super::browser::{Line, Reply, encoded, fetch, request};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

/// The addresses of all of them end like this.
pub const DOMAIN: &str = "@load.example";

/// One address that somebody signs up with, as often as it takes.
#[derive(Debug, Clone)]
pub struct Asked {
    pub email: String,
    pub tries: i64,
    /// The answer to the last try, if one came.
    pub status: Option<u16>,
}

impl Asked {
    pub fn fresh() -> Asked {
        Asked { email: format!("s{}{DOMAIN}", number()), tries: 0, status: None }
    }
    pub fn is_acknowledged(&self) -> bool {
        self.status == Some(303)
    }
}

fn number() -> u32 {
    static LAST: AtomicU32 = AtomicU32::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// What a form must carry. It is good for as long as the browser keeps its cookie, whoever serves.
#[derive(Clone)]
pub struct Pass {
    guest: String,
    csrf: String,
}

impl Pass {
    pub async fn get(server: SocketAddr) -> io::Result<Pass> {
        let page = fetch(server, "/signup").await?;
        let cookie = page.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        let csrf = page.field("csrf").ok_or(io::ErrorKind::InvalidData)?;
        Ok(Pass { guest: cookie, csrf })
    }

    /// Each comes from another address: one alone would be throttled.
    pub fn request(&self, email: &str, more: &str) -> String {
        let [_, a, b, c] = number().to_be_bytes();
        let head = format!("{more}X-Forwarded-For: 10.{a}.{b}.{c}\r\nCookie: {}\r\n", self.guest);
        let body = encoded(&[("csrf", &self.csrf), ("name", "Load"), ("email", email)]);
        request("POST", "/signup", &head, &body)
    }

    /// Tries once, on a connection of its own.
    pub async fn sign_up(&self, server: SocketAddr, asked: &mut Asked) -> io::Result<Reply> {
        (asked.tries, asked.status) = (asked.tries + 1, None);
        let mut line = Line::to(server).await?;
        line.send(self.request(&asked.email, "Connection: close\r\n").as_bytes()).await?;
        let reply = line.reply().await?;
        asked.status = Some(reply.status);
        if reply.status == 303 {
            reply.leads_to("/signup/sent");
        }
        Ok(reply)
    }
}

/// People who sign up until they are told to stop, each at one of the servers.
pub struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<Vec<Asked>>>,
}

impl Load {
    /// `again` are those who got no answer before: they try once more, as people do.
    pub fn start(pass: &Pass, servers: &[SocketAddr], people: usize, again: Vec<Asked>) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let mut lists = vec![Vec::new(); people];
        for (i, asked) in again.into_iter().enumerate() {
            lists[i % people].push(asked);
        }
        let tasks = lists.into_iter().enumerate().map(|(i, again)| {
            tokio::spawn(person(pass.clone(), servers[i % servers.len()], again, stop.clone()))
        });
        Load { tasks: tasks.collect(), stop }
    }

    pub async fn end(self) -> Vec<Asked> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        for task in self.tasks {
            all.extend(task.await.expect("no panic"));
        }
        all
    }
}

async fn person(pass: Pass, server: SocketAddr, mut again: Vec<Asked>, stop: Arc<AtomicBool>) -> Vec<Asked> {
    let mut done = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let mut asked = again.pop().unwrap_or_else(Asked::fresh);
        let answered = pass.sign_up(server, &mut asked).await;
        done.push(asked);
        if answered.is_err() {
            // The server may be gone: wait for the word to stop without running in circles.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    done.extend(again);
    done
}
