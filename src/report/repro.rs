//! A command that does again what a scenario did in a cell, and needs nothing of skew.

use std::collections::BTreeMap;

use crate::agent::Package;

/// Stands in for `from skew import observe`, seeds as the agent does, and prints what is observed. It goes between single
/// quotes and into a here-document, so it has neither single quotes nor a line `REPRO`.
const PRELUDE: &str = include_str!("../agent/prelude.py");

/// Variables that every scenario runs with; those of the matrix and of its header come over them.
pub const VARIABLES: [(&str, &str); 5] =
    [("PYTHONHASHSEED", "0"), ("PYTHONIOENCODING", "utf-8"), ("OMP_NUM_THREADS", "1"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")];

/// What makes the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool<'a> {
    /// uv, with this interpreter: a path, or a version that it finds itself.
    Uv(&'a str),
    /// Docker, with this image.
    Docker(&'a str),
}

/// The command for the script at `path` with these packages. With `observation` it prints only that one.
pub fn script(packages: &[Package], path: &str, observation: Option<&str>, env: &BTreeMap<String, String>, tool: Tool<'_>) -> String {
    let mut variables: BTreeMap<&str, &str> = VARIABLES.into_iter().collect();
    variables.extend(env.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let pins: Vec<String> = packages.iter().map(Package::requirement).collect();
    let assignments = |option: &str| {
        let assignment = |(name, value): (&&str, &&str)| format!("{option}{}", quoted(&format!("{name}={value}")));
        variables.iter().map(assignment).collect::<Vec<_>>().join(" ")
    };
    let observation = observation.map(|name| format!(" {}", quoted(name))).unwrap_or_default();
    // A path that begins with `-` would be read as an option.
    let path = if path.starts_with('-') { format!("./{path}") } else { path.to_owned() };
    let path = quoted(&path);
    match tool {
        Tool::Uv(python) => {
            let list = pins.iter().map(|pin| format!("\"{pin}\"")).collect::<Vec<_>>().join(", ");
            // Each pin is an override too: what metadata forbids was installed all the same.
            format!(
                "env {} uv run --no-project --python {} - {path}{observation} <<'REPRO'\n# /// script\n# dependencies = [{list}]\n\
                 # [tool.uv]\n# override-dependencies = [{list}]\n# ///\n{PRELUDE}REPRO\n",
                assignments(""),
                quoted(python),
            )
        }
        Tool::Docker(image) => {
            // All that skew asks of an image is its interpreter, and not every one brings pip.
            let inside = format!(
                "cat > /tmp/scenario.py && {{ python -m pip --version || python -m ensurepip; }} > /dev/null 2>&1 && python -m pip install \
                 --quiet --no-deps {} && exec python -c \"$0\" /tmp/scenario.py \"$@\"",
                pins.iter().map(|pin| if pin.contains(' ') { format!("\"{pin}\"") } else { pin.clone() }).collect::<Vec<_>>().join(" ")
            );
            // With an init of its own the script is not process 1, which no signal of its own ends.
            format!(
                "docker run --rm --init --interactive {} {} sh -c '{inside}' '{PRELUDE}'{observation} < {path}\n",
                assignments("--env "),
                quoted(image),
            )
        }
    }
}

/// Text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+=./:,@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell_are_quoted_only_where_they_must_be() {
        assert_eq!(quoted("scenarios/cast/int8.py"), "scenarios/cast/int8.py");
        assert_eq!(quoted("my scenarios/it's.py"), r"'my scenarios/it'\''s.py'");
        assert_eq!(quoted("$(rm x)"), "'$(rm x)'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn the_prelude_fits_between_single_quotes_and_into_a_here_document() {
        assert!(!PRELUDE.contains('\''));
        assert!(PRELUDE.lines().all(|line| line != "REPRO") && PRELUDE.ends_with('\n'));
    }
}
