//! Why provisioning failed: a statement about the cell, or trouble that says nothing about it.

use crate::agent::Step;

/// How provisioning failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProvisionFailure {
    /// The resolver finds no set of packages, with or without a cut-off date.
    Unresolvable(String),
    /// A package cannot be built or installed.
    InstallFailed(String),
    /// Network, disk, time: says nothing about the cell.
    Infra(String),
}

/// What uv (and the operating system through it) says when the machine or the network failed, in lower case. Looked for before
/// anything is said about compatibility: here, and by the agent before it resolves without a cut-off date.
pub(super) const TROUBLE: [&str; 30] = [
    "error sending request",
    "client error",
    "status server error",
    "too many requests",
    "request failed after",
    "error decoding response body",
    "failed to fetch",
    "dns error",
    "name resolution",
    "connection refused",
    "connection reset",
    "connection closed",
    "connection error",
    "failed to connect",
    "could not connect",
    "proxy error",
    "proxy connect",
    "proxy auth",
    "network is unreachable",
    "network unreachable",
    "network connectivity is disabled",
    "timed out",
    "tls handshake",
    "certificate",
    "hash mismatch",
    "failed to extract archive",
    "no space left on device",
    "disk quota exceeded",
    "read-only file system",
    "permission denied",
];

/// Judges the steps of a provisioning phase that did not end with an environment.
pub fn classify(steps: &[Step]) -> ProvisionFailure {
    let Some(failed) = steps.iter().rev().find(|step| step.code != Some(0)) else {
        return ProvisionFailure::Infra("provisioning ended without an environment and without an error".to_owned());
    };
    let Some(code) = failed.code else {
        return ProvisionFailure::Infra(format!("step {} took longer than its limit: {}", failed.name, gist(&failed.stderr)));
    };
    if failed.name == "room" {
        return ProvisionFailure::Infra(gist(&failed.stderr));
    }
    let lower = failed.stderr.to_lowercase();
    if code < 0 || TROUBLE.iter().any(|sign| lower.contains(sign)) {
        return ProvisionFailure::Infra(format!("step {} failed: {}", failed.name, gist(&failed.stderr)));
    }
    match failed.name.as_str() {
        "resolve" | "resolve-uncut" => ProvisionFailure::Unresolvable(gist(&failed.stderr)),
        "install" => ProvisionFailure::InstallFailed(gist(&failed.stderr)),
        other => ProvisionFailure::Infra(format!("step {other} failed with code {code}: {}", gist(&failed.stderr))),
    }
}

/// The telling part of uv's message: its lines joined, drawing characters removed, at most 600 characters.
fn gist(stderr: &str) -> String {
    let lines = stderr.lines().map(|line| line.trim_matches(|c: char| c.is_whitespace() || "×╰─▶│├".contains(c)));
    let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(600) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, code: Option<i32>, stderr: &str) -> Step {
        Step { name: name.to_owned(), code, seconds: 1.0, reused: false, stderr: stderr.to_owned() }
    }

    #[test]
    fn a_resolver_without_a_solution_is_unresolvable() {
        let steps = [
            step("resolve", Some(1), "× No solution found with a cut-off"),
            step(
                "resolve-uncut",
                Some(1),
                "  × No solution found when resolving dependencies:\n  ╰─▶ Because there is no version of beta==9",
            ),
        ];
        let cause = "No solution found when resolving dependencies: Because there is no version of beta==9";
        assert_eq!(classify(&steps), ProvisionFailure::Unresolvable(cause.to_owned()));
    }

    #[test]
    fn a_package_that_does_not_build_is_install_failed() {
        let steps = [step("resolve", Some(0), ""), step("create", Some(0), ""), step("install", Some(1), "× Failed to build `gamma==1.0`")];
        assert_eq!(classify(&steps), ProvisionFailure::InstallFailed("Failed to build `gamma==1.0`".to_owned()));
    }

    #[test]
    fn network_disk_and_time_are_never_a_statement_about_the_cell() {
        for stderr in [
            "error: Failed to fetch: `https://index/simple/x/`\n  Caused by: error sending request for url",
            "error: No space left on device (os error 28)",
            "Caused by: Hash mismatch for `alpha==1.0`",
            "error: Failed to download `alpha==1.0`\n  Caused by: Failed to extract archive: alpha-1.0-py3-none-any.whl",
            "error: HTTP status server error (503 Service Unavailable) for url",
        ] {
            for name in ["resolve", "install"] {
                assert!(matches!(classify(&[step(name, Some(2), stderr)]), ProvisionFailure::Infra(_)), "{stderr}");
            }
        }
        assert!(matches!(classify(&[step("install", None, "")]), ProvisionFailure::Infra(_)));
        assert!(matches!(classify(&[step("install", Some(-9), "")]), ProvisionFailure::Infra(_)));
        assert!(matches!(classify(&[]), ProvisionFailure::Infra(_)));
    }
}
