//! Environments: a cell made real. This module computes what to do; the agent does it, in whatever engine.

mod classify;
mod steps;
mod uv;

pub use classify::{ProvisionFailure, classify};
pub use steps::{agent, agent_path, provision, restore, wheel_path};
pub use uv::{UvError, binary, store_path, uv, uv_to_fetch};
