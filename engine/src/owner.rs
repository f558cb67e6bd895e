//! Who owns a container or a scratch folder, so that the leftovers of dead runs can be told from the things of live ones.

use std::time::Duration;

/// A process: `HOST/PID NAMESPACE/PID/START`, where start is the kernel's start time of the process and the boot it counts
/// from. The pid alone would be taken for alive once the number is used again, and after a reboot it may be used again at
/// the same time; the namespace tells containers apart that share a host's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    place: String,
    pid: u32,
    start: String,
}

/// After this time leftovers of other machines are taken for dead: nobody here can ask whether their owner lives.
const PATIENCE: Duration = Duration::from_hours(24);

impl Owner {
    /// This process.
    pub(super) fn current() -> Self {
        let pid = std::process::id();
        Self { place: place(), pid, start: start_time(pid).unwrap_or_default() }
    }

    /// The label.
    pub(super) fn label(&self) -> String {
        format!("{}/{}/{}", self.place, self.pid, self.start)
    }

    /// Reads a label back.
    pub(super) fn parse(label: &str) -> Option<Self> {
        let mut parts = label.rsplitn(3, '/');
        let start = parts.next()?.to_owned();
        let pid = parts.next()?.parse().ok()?;
        Some(Self { place: parts.next()?.to_owned(), pid, start })
    }

    /// Whether it is gone. An owner on another machine counts as gone when what it left is `age` old and that is more
    /// than a day.
    pub(super) fn is_dead(&self, age: Duration) -> bool {
        if self.place != place() {
            return age > PATIENCE;
        }
        // Labels of skew 0.1 name no boot.
        let known = |start: &str| if self.start.contains('@') { start == self.start } else { start.split('@').next() == Some(&self.start) };
        start_time(self.pid).is_none_or(|start| !known(&start))
    }
}

fn place() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| std::env::var("HOSTNAME").ok());
    let namespace = std::fs::read_link("/proc/self/ns/pid").ok();
    let namespace = namespace.as_deref().and_then(|link| link.to_str()).map(|link| link.replace(|c: char| !c.is_ascii_digit(), ""));
    format!("{}/{}", host.as_deref().unwrap_or("localhost").trim(), namespace.unwrap_or_default())
}

/// When a process started, in the kernel's ticks and since which boot; `None` when there is no such process. Where there is no `/proc`, an
/// existing process started at the empty string.
fn start_time(pid: u32) -> Option<String> {
    if std::path::Path::new("/proc/self/stat").exists() {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field is the program's name in parentheses and may hold anything, spaces and parentheses included.
        let (_, fields) = stat.rsplit_once(") ")?;
        let mut fields = fields.split(' ');
        // A zombie has ended; only its parent hasn't noticed.
        (fields.next()? != "Z").then_some(())?;
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        return fields.nth(18).map(|ticks| format!("{ticks}@{}", boot.trim()));
    }
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).ok()?)?;
    rustix::process::test_kill_process(pid).is_ok().then(String::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_process_is_alive() {
        let owner = Owner::current();
        assert_eq!(Owner::parse(&owner.label()), Some(owner.clone()));
        assert!(!owner.is_dead(PATIENCE * 2));
    }

    #[test]
    fn a_process_with_the_same_number_that_started_later_is_another_one() {
        let owner = Owner { start: "1".to_owned(), ..Owner::current() };
        assert!(owner.is_dead(Duration::ZERO));
    }

    #[test]
    fn a_process_of_an_earlier_boot_is_gone_though_another_one_has_its_number_and_time() {
        let here = Owner::current();
        let ticks = here.start.split_once('@').expect("ticks and a boot").0;
        assert!(Owner { start: format!("{ticks}@another-boot"), ..here.clone() }.is_dead(Duration::ZERO));
    }

    #[test]
    fn an_owner_on_another_machine_gets_a_day() {
        let owner = Owner { place: "elsewhere/1".to_owned(), ..Owner::current() };
        assert!(!owner.is_dead(PATIENCE));
        assert!(owner.is_dead(PATIENCE + Duration::from_secs(1)));
    }
}
