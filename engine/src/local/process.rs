//! Process trees: started in a group of their own, killed to the last one.

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// A process group that is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Group {
    leader: Option<Pid>,
}

impl Group {
    /// The group that the process with this id leads.
    pub(super) fn new(leader: Option<u32>) -> Self {
        Self { leader: leader.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) }
    }

    /// Kills all of the group, once: its number may be another group's later. A group without members is as good as
    /// killed.
    pub(super) fn kill(&mut self) {
        if let Some(leader) = self.leader.take() {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Kills what left its group but still belongs to a scratch folder: by the variable `SKEW_WORK` it was started with, or
/// by its working directory. It is looked for until nothing is found, because the found may have had children meanwhile.
pub(super) fn kill_stragglers(scratch: &Path) {
    const ROUNDS: usize = 10;
    for _ in 0..ROUNDS {
        let found = stragglers(scratch);
        if found.is_empty() {
            return;
        }
        for pid in found {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Without `/proc` none are found; the group is all that is killed then.
fn stragglers(scratch: &Path) -> Vec<Pid> {
    let marker = format!("SKEW_WORK={}/", scratch.display());
    let own = rustix::process::getpid();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw));
    pids.filter(|pid| *pid != own).filter(|pid| belongs(*pid, scratch, marker.as_bytes())).collect()
}

fn belongs(pid: Pid, scratch: &Path, marker: &[u8]) -> bool {
    let folder = format!("/proc/{}", pid.as_raw_nonzero());
    // A process that has ended has neither variables nor a working directory.
    let inside = std::fs::read_link(format!("{folder}/cwd")).is_ok_and(|cwd| cwd.starts_with(scratch));
    inside
        || std::fs::read(format!("{folder}/environ"))
            .is_ok_and(|variables| variables.split(|byte| *byte == 0).any(|variable| variable.starts_with(marker)))
}
