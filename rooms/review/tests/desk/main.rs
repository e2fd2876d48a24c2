//! The desk on either database: who may decide, what two at once come to, what the clock does.

mod clock;
mod deciding;
mod house;
mod queue;
mod races;
