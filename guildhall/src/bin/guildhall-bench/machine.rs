//! What Linux tells of the machine and of processes: cores, processor time, memory.

use anyhow::{Context, anyhow};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::time::Duration;

/// The cores that the server and the load get: two different ones, where there are two.
#[derive(Clone, Copy)]
pub struct Cores {
    pub server: usize,
    pub load: usize,
}

pub fn cores() -> anyhow::Result<Cores> {
    let ours = sched_getaffinity(None).context("which cores are ours")?;
    let mut free = (0..CpuSet::MAX_CPU).filter(|n| ours.is_set(*n));
    let server = free.next().ok_or_else(|| anyhow!("no core is ours"))?;
    Ok(Cores { server, load: free.next().unwrap_or(server) })
}

/// Runs this with the calling thread on one core. What it starts stays there; the thread itself goes back.
pub fn pinned<T>(core: usize, f: impl FnOnce() -> T) -> anyhow::Result<T> {
    let before = sched_getaffinity(None).context("which cores are ours")?;
    let mut one = CpuSet::new();
    one.set(core);
    sched_setaffinity(None, &one).context("keeping to one core")?;
    let result = f();
    sched_setaffinity(None, &before).context("using all cores again")?;
    Ok(result)
}

fn micros(clock: ClockId) -> f64 {
    let t = clock_gettime(clock);
    t.tv_sec as f64 * 1e6 + t.tv_nsec as f64 / 1e3
}

/// Processor time of the calling thread, in µs.
pub fn thread_micros() -> f64 {
    micros(ClockId::ThreadCPUTime)
}

/// Processor time of this whole process, in µs.
pub fn process_micros() -> f64 {
    micros(ClockId::ProcessCPUTime)
}

/// Processor time of another process, in µs: all its threads that live, to the nanosecond.
pub fn micros_of(pid: u32) -> anyhow::Result<f64> {
    let mut nanos = 0.0;
    for task in fs::read_dir(format!("/proc/{pid}/task")).context("the server is gone")? {
        // A thread may end between the list and the look.
        let text = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        nanos += text.split(' ').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    }
    Ok(nanos / 1e3)
}

/// Resident memory of a process, in MB of a million bytes.
pub fn resident_mb(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the server is gone")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().context("VmRSS")?;
    Ok(kib * 1_024.0 / 1e6)
}

/// Processor time of all children that ended and were waited for.
pub fn children() -> anyhow::Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name in brackets may hold blanks; what follows the last bracket does not.
    let (_, rest) = stat.rsplit_once(')').context("/proc/self/stat")?;
    let field = |n: usize| rest.split_whitespace().nth(n).and_then(|f| f.parse::<u64>().ok());
    let ticks = field(13).zip(field(14)).map(|(own, kernel)| own + kernel).context("/proc/self/stat")?;
    Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

/// What a reader must know to judge the figures: how many cores, and how busy they were with others.
pub fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    let build = if cfg!(debug_assertions) { "a DEBUG build, which says nothing" } else { "release build" };
    format!("{cores} cores, {build}, load average {load}")
}
