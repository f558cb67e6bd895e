//! Where the user's index is, and which certificate authorities to trust there.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use reqwest::Url;

use super::IndexError;

const PYPI: &str = "https://pypi.org/simple";

/// Address of an index. Shown without credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Location {
    /// With credentials and a trailing slash.
    secret: Url,
}

impl Location {
    /// Parses an address such as `https://user:token@index.example/simple`; `origin` (a variable or a file) is named in
    /// the error, the address is not, because it may hold a password.
    ///
    /// # Errors
    /// It is no http address.
    pub fn parse(text: &str, origin: &str) -> Result<Self, IndexError> {
        let wrong = |message: String| IndexError::Setting { origin: origin.to_owned(), message };
        let mut secret = Url::parse(text.trim()).map_err(|error| wrong(format!("not the address of a package index: {error}")))?;
        if !matches!(secret.scheme(), "http" | "https") {
            return Err(wrong(format!("the package index must be reached by http or https, not {}", secret.scheme())));
        }
        if !secret.path().ends_with('/') {
            let path = format!("{}/", secret.path());
            secret.set_path(&path);
        }
        Ok(Self { secret })
    }

    /// The address as a tool such as uv needs it, credentials included: for its environment, never for people.
    pub fn with_credentials(&self) -> &str {
        self.secret.as_str().trim_end_matches('/')
    }

    /// Whether the address holds a name or a password.
    pub fn has_credentials(&self) -> bool {
        !self.secret.username().is_empty() || self.secret.password().is_some()
    }

    /// The page of a project.
    pub(super) fn project(&self, package: &str) -> Result<Url, IndexError> {
        let wrong = |error| IndexError::Setting { origin: format!("package `{package}`"), message: format!("{error}") };
        self.secret.join(&format!("{package}/")).map_err(wrong)
    }

    /// Adds the credentials to an address on the same server: files of a private index usually need them too.
    pub(super) fn authorize(&self, mut url: Url) -> Url {
        if url.origin() == self.secret.origin() && url.username().is_empty() && !self.secret.username().is_empty() {
            let user = url.set_username(self.secret.username());
            let password = url.set_password(self.secret.password());
            debug_assert!(user.is_ok() && password.is_ok(), "an http address takes credentials");
        }
        url
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(without_credentials(&self.secret).trim_end_matches('/'))
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

/// An address as it may be shown.
pub(super) fn without_credentials(url: &Url) -> String {
    let mut shown = url.clone();
    let cleared = shown.set_username("").is_ok() && shown.set_password(None).is_ok();
    if cleared { shown.to_string() } else { url.origin().ascii_serialization() }
}

/// The variables and folders of the user that say where the index is; a value of its own so that tests can make one up.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Environment variables.
    pub variables: std::collections::BTreeMap<String, String>,
    /// Where the system's configuration lies: `/`.
    pub root: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        let text = |value: std::ffi::OsString| value.into_string().ok();
        let variables = std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect();
        Self { variables, root: PathBuf::from("/") }
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The user's index: uv's variables, then pip's, then pip's configuration files, else PyPI.
    ///
    /// # Errors
    /// The address is none.
    pub fn location(&self) -> Result<Location, IndexError> {
        for name in ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"] {
            if let Some(value) = self.variable(name) {
                // uv lets an index be given as `name=address`.
                let named = value.split_once('=').filter(|(name, _)| !name.contains(':'));
                let Some((index, address)) = named else { return Location::parse(value, name) };
                return Ok(self.with_variables(index, Location::parse(address, name)?));
            }
        }
        match self.pip("index-url") {
            Some((value, file)) => Location::parse(&value, &file.display().to_string()),
            None => Location::parse(PYPI, "the default index"),
        }
    }

    /// Adds the credentials that uv's variables have for an index of this name, unless its address has its own.
    fn with_variables(&self, name: &str, mut location: Location) -> Location {
        let name = name.to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let user = self.variable(&format!("UV_INDEX_{name}_USERNAME"));
        let password = self.variable(&format!("UV_INDEX_{name}_PASSWORD"));
        if !location.has_credentials() && (user.is_some() || password.is_some()) {
            let taken = location.secret.set_username(user.unwrap_or_default());
            let taken = taken.and_then(|()| location.secret.set_password(password));
            debug_assert!(taken.is_ok(), "an http address takes credentials");
        }
        location
    }

    /// Files with further certificate authorities. `SSL_CERT_FILE` is not among them: the platform's certificate store
    /// reads it already.
    pub fn certificates(&self) -> Vec<(String, PathBuf)> {
        let variables = ["REQUESTS_CA_BUNDLE", "PIP_CERT"].into_iter();
        let mut found: Vec<_> = variables.filter_map(|name| Some((name.to_owned(), PathBuf::from(self.variable(name)?)))).collect();
        found.extend(self.pip("cert").map(|(value, file)| (file.display().to_string(), PathBuf::from(value))));
        found.dedup_by(|later, earlier| later.1 == earlier.1);
        found
    }

    /// A key of pip's `[global]` section and the file that sets it, the most specific file first.
    fn pip(&self, key: &str) -> Option<(String, PathBuf)> {
        self.pip_files().into_iter().find_map(|file| {
            let text = std::fs::read_to_string(&file).ok()?;
            Some((setting(&text, key)?, file))
        })
    }

    fn pip_files(&self) -> Vec<PathBuf> {
        let given = self.variable("PIP_CONFIG_FILE");
        if given == Some("/dev/null") {
            // pip's own way to switch all configuration files off.
            return Vec::new();
        }
        let mut files: Vec<PathBuf> = given.map(PathBuf::from).into_iter().collect();
        files.extend(self.variable("VIRTUAL_ENV").map(|folder| Path::new(folder).join("pip.conf")));
        let home = self.variable("HOME").map(PathBuf::from);
        let config = self.variable("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(".config")));
        files.extend(config.map(|folder| folder.join("pip/pip.conf")));
        files.extend(home.map(|folder| folder.join(".pip/pip.conf")));
        files.extend([self.root.join("etc/pip.conf"), self.root.join("etc/xdg/pip/pip.conf")]);
        files
    }
}

/// The value of a key in the `[global]` section of a pip.conf, where `-` and `_` are the same.
fn setting(text: &str, key: &str) -> Option<String> {
    let mut global = false;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            global = section.trim() == "global";
        } else if let Some((name, value)) = line.split_once(['=', ':']).filter(|_| global)
            && name.trim().replace('_', "-") == key
        {
            return Some(value.trim().to_owned());
        }
    }
    None
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Surroundings { variables, root: PathBuf::from("/nonexistent") }
    }

    #[test]
    fn pypi_is_the_index_of_those_who_name_none() {
        assert_eq!(surroundings(&[]).location().unwrap().to_string(), "https://pypi.org/simple");
    }

    #[test]
    fn variables_of_uv_win_over_those_of_pip() {
        let both = surroundings(&[("PIP_INDEX_URL", "https://pip.example/simple"), ("UV_INDEX_URL", "https://uv.example/simple/")]);
        assert_eq!(both.location().unwrap().to_string(), "https://uv.example/simple");
        let named = surroundings(&[("UV_DEFAULT_INDEX", "company=https://index.example/a=b/simple")]);
        assert_eq!(named.location().unwrap().to_string(), "https://index.example/a=b/simple");
    }

    #[test]
    fn credentials_are_used_but_never_shown() {
        let location = Location::parse("https://me:hunter2@index.example/simple", "test").unwrap();
        assert_eq!(location.with_credentials(), "https://me:hunter2@index.example/simple");
        assert!(!format!("{location} {location:?}").contains("hunter2"));
        let file = |address: &str| location.authorize(Url::parse(address).unwrap()).to_string();
        assert_eq!(file("https://index.example/files/a.whl"), "https://me:hunter2@index.example/files/a.whl");
        assert_eq!(file("https://elsewhere.example/a.whl"), "https://elsewhere.example/a.whl");
    }

    #[test]
    fn a_named_index_gets_the_credentials_of_its_variables() {
        let variables = |address| {
            let named =
                [("UV_DEFAULT_INDEX", address), ("UV_INDEX_MY_COMPANY_USERNAME", "me"), ("UV_INDEX_MY_COMPANY_PASSWORD", "hunter2")];
            surroundings(&named).location().unwrap().with_credentials().to_owned()
        };
        assert_eq!(variables("my-company=https://index.example/simple"), "https://me:hunter2@index.example/simple");
        assert_eq!(variables("my-company=https://you:x@index.example/simple"), "https://you:x@index.example/simple");
        assert_eq!(variables("other=https://index.example/simple"), "https://index.example/simple");
        assert_eq!(variables("https://index.example/simple"), "https://index.example/simple");
    }

    #[test]
    fn a_wrong_address_is_blamed_on_its_variable_without_being_repeated() {
        let error = surroundings(&[("PIP_INDEX_URL", "ftp://me:hunter2@index.example")]).location().unwrap_err().to_string();
        assert!(error.starts_with("PIP_INDEX_URL: "), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn the_users_pip_configuration_wins_over_the_systems() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(
            "etc/pip.conf",
            "[install]\nindex-url = https://no.example\n[global]\nindex_url: https://system.example/simple\ncert = /ca.pem\n",
        );
        let variables = [("HOME".to_owned(), folder.path().join("home").display().to_string())].into();
        let surroundings = Surroundings { variables, root: folder.path().to_owned() };
        assert_eq!(surroundings.location().unwrap().to_string(), "https://system.example/simple");
        assert_eq!(surroundings.certificates().last().unwrap().1, Path::new("/ca.pem"));
        write("home/.config/pip/pip.conf", "# mine\n[global]\nindex-url = https://mine.example/simple\n");
        assert_eq!(surroundings.location().unwrap().to_string(), "https://mine.example/simple");
    }
}
