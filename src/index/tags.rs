//! Which interpreter and machine a wheel is for.

use super::File;
use crate::matrix::PythonVersion;

/// Whether a file is a wheel that the reference interpreter of this minor series can install on Linux with glibc on this machine
/// (`x86_64`, `aarch64`), its `Requires-Python` included.
pub fn fits(file: &File, python: PythonVersion, machine: &str) -> bool {
    rank(&file.filename, python, machine).is_some() && allows(file, python)
}

/// Whether a file's `Requires-Python` holds for the interpreter.
pub(super) fn allows(file: &File, python: PythonVersion) -> bool {
    // Metadata speaks of patch releases (`>=3.7.1`, `!=3.9.7`); a minor series stands for its newest one.
    let newest = pep440_rs::Version::new([u64::from(python.major), u64::from(python.minor), 99]);
    file.requires_python.as_ref().is_none_or(|range| range.contains(&newest))
}

/// How specifically a wheel is made for the interpreter: 2 for its own ABI, 1 for the stable ABI, 0 for pure Python;
/// `None` where it does not fit.
pub(super) fn rank(filename: &str, python: PythonVersion, machine: &str) -> Option<u8> {
    let mut parts = filename.strip_suffix(".whl")?.rsplitn(4, '-');
    let (platforms, abis, pythons) = (parts.next()?, parts.next()?, parts.next()?);
    if !platforms.split('.').any(|platform| runs_on(platform, machine)) {
        return None;
    }
    let pairs = pythons.split('.').flat_map(|tag| abis.split('.').map(move |abi| (tag, abi)));
    pairs.filter_map(|(tag, abi)| suits(tag, abi, python)).max()
}

fn runs_on(platform: &str, machine: &str) -> bool {
    if platform == "any" {
        return true;
    }
    let Some(system) = platform.strip_suffix(machine).and_then(|rest| rest.strip_suffix('_')) else { return false };
    system == "linux" || system.starts_with("manylinux")
}

fn suits(tag: &str, abi: &str, python: PythonVersion) -> Option<u8> {
    let (kind, version) = tag.split_at_checked(2)?;
    let major = version.strip_prefix(char::from(b'0' + python.major))?;
    // `py3` has no minor version: it is for all of them.
    let minor: Option<u8> = if major.is_empty() { None } else { Some(major.parse().ok()?) };
    let own = format!("cp{}{}", python.major, python.minor);
    match (kind, abi) {
        ("cp", "none") if minor == Some(python.minor) => Some(2),
        ("cp", "abi3") if minor.is_some_and(|minor| minor <= python.minor) => Some(1),
        // Up to 3.7 the ABI's name says that it was built with pymalloc.
        ("cp", abi) if minor == Some(python.minor) && (abi == own || (python.minor <= 7 && abi == format!("{own}m"))) => Some(2),
        ("py", "none") if minor.is_none_or(|minor| minor <= python.minor) => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitting(filename: &str) -> Vec<String> {
        let all = PythonVersion::SUPPORTED.into_iter();
        all.filter(|python| rank(filename, *python, "x86_64").is_some()).map(|python| python.to_string()).collect()
    }

    #[test]
    fn a_wheel_with_its_own_abi_fits_one_interpreter() {
        assert_eq!(fitting("numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"), ["3.11"]);
        assert_eq!(fitting("tensorflow-1.15.0-cp37-cp37m-manylinux2010_x86_64.whl"), ["3.7"]);
        assert_eq!(fitting("a-1-1-cp310-none-linux_x86_64.whl"), ["3.10"]);
    }

    #[test]
    fn the_stable_abi_fits_every_later_interpreter() {
        assert_eq!(fitting("a-1.0-cp311-abi3-manylinux1_x86_64.whl"), ["3.11", "3.12", "3.13", "3.14"]);
    }

    #[test]
    fn pure_python_fits_everywhere() {
        assert_eq!(fitting("a-1.0-py3-none-any.whl").len(), 8);
        assert_eq!(fitting("a-1.0-py2.py3-none-any.whl").len(), 8);
        assert_eq!(fitting("a-1.0-py313-none-any.whl"), ["3.13", "3.14"]);
        assert_eq!(fitting("a-1.0-py2-none-any.whl"), [""; 0]);
    }

    #[test]
    fn other_systems_machines_and_free_threading_do_not_fit() {
        for tags in [
            "cp311-cp311-musllinux_1_1_x86_64",
            "cp311-cp311-macosx_10_9_x86_64",
            "cp311-cp311-win_amd64",
            "cp311-cp311-manylinux2014_aarch64",
            "cp313-cp313t-manylinux2014_x86_64",
            "pp39-pypy39_pp73-manylinux2014_x86_64",
            "cp27-cp27mu-manylinux1_x86_64",
        ] {
            assert_eq!(fitting(&format!("a-1.0-{tags}.whl")), [""; 0], "{tags}");
        }
        assert_eq!(fitting("a-1.0.tar.gz"), [""; 0]);
    }
}
