//! What this machine gives: to provisioning the way to the package index (the execute phase gets none of it), and its
//! processor.

use std::{collections::BTreeMap, env, path::Path};

use super::StoreFile;

/// Name of the machine that scenarios see in containers: the same in every cell.
pub(super) const NAME: &str = "skew";

/// Variables that name proxies and package indexes; all of them are passed on as they are.
const PASSED: [&str; 19] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_INDEX_STRATEGY",
    "UV_INSECURE_HOST",
    "UV_HTTP_TIMEOUT",
    "UV_HTTP_RETRIES",
    "UV_KEYRING_PROVIDER",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
];

/// Variables that name a bundle of certificates; provisioning gets every one of [`TRUST`] set to the host's bundle.
const BUNDLES: [&str; 4] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE"];

/// Variables by which the tools of provisioning are told of a bundle.
const TRUST: [&str; 3] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"];

/// Where systems keep the bundle that their administrator added certificates to.
const SYSTEM_BUNDLES: [&str; 4] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"];

/// Proxy and index variables that are set here.
pub(super) fn index_variables() -> BTreeMap<String, String> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| PASSED.contains(&name.as_str()) || is_index_credential(name))
        .collect()
}

/// `UV_INDEX_<NAME>_USERNAME` and `UV_INDEX_<NAME>_PASSWORD`.
fn is_index_credential(name: &str) -> bool {
    name.starts_with("UV_INDEX_") && (name.ends_with("_USERNAME") || name.ends_with("_PASSWORD"))
}

/// The variables that make provisioning trust the bundle at `path`.
pub(super) fn trust_variables(path: &str) -> BTreeMap<String, String> {
    TRUST.iter().map(|name| ((*name).to_owned(), path.to_owned())).collect()
}

/// Path and content of this machine's bundle of certificates: the one its variables name, else the system's; `None`
/// where there is neither, and then the tools use what they bring.
pub(super) fn certificates() -> Option<(String, Vec<u8>)> {
    let named = BUNDLES.iter().filter_map(|name| env::var(name).ok());
    let system = SYSTEM_BUNDLES.iter().map(|path| (*path).to_owned());
    named.chain(system).find_map(|path| {
        let content = std::fs::read(Path::new(&path)).ok()?;
        (!content.is_empty()).then_some((path, content))
    })
}

/// The same bundle as a file of the environment store.
pub(super) fn certificates_file() -> Option<StoreFile> {
    let (_, content) = certificates()?;
    Some(StoreFile::new(format!("ca/{}.pem", blake3::hash(&content).to_hex()), content, false))
}

/// The processor of this machine with the features that numerical kernels dispatch on, as the agent tells them; `None`
/// where the system does not say.
pub(super) fn processor() -> Option<String> {
    let told = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let value = |keys: &[&str]| {
        let mut lines = told.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| keys.contains(&key.trim())).map(|(_, value)| value.trim())
    };
    let mut features: Vec<&str> = value(&["flags", "Features"])?.split_whitespace().filter(|flag| is_dispatched_on(flag)).collect();
    features.sort_unstable();
    let name = value(&["model name", "Model", "Processor"]).unwrap_or_default();
    Some(format!("{} {name} {}", std::env::consts::ARCH, features.join(" ")))
}

/// Whether kernels look for a feature; the same ones as in the agent.
fn is_dispatched_on(flag: &str) -> bool {
    let exact = ["sse3", "pni", "ssse3", "sse4_1", "sse4_2", "fma", "f16c", "sme", "sme2", "fphp", "bf16", "i8mm", "neon"];
    let families = ["avx", "amx", "asimd", "sve", "vfpv"];
    exact.contains(&flag) || families.iter().any(|family| flag.starts_with(family))
}
