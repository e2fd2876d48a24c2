//! The shipped binary under faults: killed, starved of disk, given the wrong folder, ended, restored.
//!
//! Every test starts `guildhall` itself as a child process on its own temporary folder and on ports that
//! the system chose, and looks at what is left afterwards. Tests carry the numbers of the fault list.
//! Timings are never asserted, but everything is bounded. `GUILDHALL_LONG=1` kills 200 times, not 25.

mod backups;
mod book;
mod browser;
mod crash;
mod crowd;
mod ending;
mod first_start;
mod full_disk;
mod load;
mod mail;
mod person;
mod place;
mod refusals;
mod schema;
mod secrets;
