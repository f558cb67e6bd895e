//! A headless browser with a page in it.

use std::{
    future::Future,
    io::{BufRead, BufReader, Write as _},
    panic::{AssertUnwindSafe, resume_unwind},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use serde_json::{Value, json};
use skew::report::{Results, html};
use tempfile::TempDir;
use thirtyfour::{By, ChromiumLikeCapabilities as _, DesiredCapabilities, Key, LoggingPrefsLogLevel, WebDriver, WebElement};

/// A page in a browser of its own.
pub(crate) struct Page {
    pub(crate) driver: WebDriver,
    pub(crate) url: String,
}

/// A running chromedriver, and the folder of page and profile.
struct Server(Child, TempDir);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How the browser is to be.
#[derive(Clone, Copy, Default)]
pub(crate) struct Setup {
    pub(crate) without_scripts: bool,
}

fn found(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// Runs a test with a page of `results`, opened at `fragment`; skips it with a reason where there is no browser.
pub(crate) fn with_page<F: Future<Output = ()>>(results: &Results, fragment: &str, setup: Setup, test: impl FnOnce(Page) -> F) {
    with_html(&html::render(results, &html::Options::default()), fragment, setup, test);
}

/// As [`with_page`], with a page that is rendered already.
pub(crate) fn with_html<F: Future<Output = ()>>(page: &str, fragment: &str, setup: Setup, test: impl FnOnce(Page) -> F) {
    if !(found("chromium") && found("chromedriver")) {
        let required = std::env::var_os("SKEW_REQUIRE_BROWSER").is_some_and(|value| value == "1");
        assert!(!required, "SKEW_REQUIRE_BROWSER=1, but chromium or chromedriver is not on PATH");
        let _ = writeln!(std::io::stderr(), "skipped: chromium or chromedriver is not on PATH");
        return;
    }
    // The client of the driver's protocol asks for a provider even where it speaks plain HTTP; a second test finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (page, _server) = Page::open(page, fragment, setup).await;
        let driver = page.driver.clone();
        // A test that fails ends its browser too: one that is merely dropped stays, and is waited for in vain.
        let result = AssertUnwindSafe(test(page)).catch_unwind().await;
        let _ = driver.quit().await;
        if let Err(failure) = result {
            resume_unwind(failure);
        }
    });
}

impl Page {
    async fn open(html: &str, fragment: &str, setup: Setup) -> (Self, Server) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.html");
        std::fs::write(&path, html).unwrap();
        let driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut server = Server(driver.unwrap(), folder);
        let folder = server.1.path();
        let lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let port = line.strip_prefix("ChromeDriver was started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let mut wanted = DesiredCapabilities::chrome();
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-extensions",
            "--window-size=1440,1000",
        ] {
            wanted.add_arg(argument).unwrap();
        }
        let profile = format!("--user-data-dir={}", folder.join("profile").display());
        wanted.add_arg(&profile).unwrap();
        if setup.without_scripts {
            wanted.add_experimental_option("prefs", json!({"profile.managed_default_content_settings.javascript": 2})).unwrap();
        }
        wanted.set_logging_prefs("browser", LoggingPrefsLogLevel::All).unwrap();
        wanted.set_logging_prefs("performance", LoggingPrefsLogLevel::All).unwrap();
        let driver = WebDriver::new(format!("http://127.0.0.1:{}", port.unwrap()), wanted).await.unwrap();
        let page = Self { driver, url: format!("file://{}", path.display()) };
        page.tools("Performance.enable", json!({"timeDomain": "threadTicks"})).await;
        page.go(fragment, setup).await;
        (page, server)
    }

    async fn go(&self, fragment: &str, setup: Setup) {
        self.driver.goto(format!("{}{fragment}", self.url)).await.unwrap();
        if !setup.without_scripts {
            self.wait("document.documentElement.dataset.ready").await;
        }
    }

    /// Loads the page anew, as it is.
    pub(crate) async fn reload(&self) {
        self.driver.refresh().await.unwrap();
        self.wait("document.documentElement.dataset.ready").await;
    }

    /// The value of an expression.
    pub(crate) async fn eval(&self, expression: &str) -> Value {
        self.driver.execute(format!("return ({expression})"), Vec::new()).await.unwrap().json().clone()
    }

    /// The text that an expression gives.
    pub(crate) async fn text(&self, expression: &str) -> String {
        self.eval(expression).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an expression is truthy.
    pub(crate) async fn wait(&self, expression: &str) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if self.eval(&format!("!!({expression})")).await == json!(true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("never became true: {expression}");
    }

    /// Sends keys to what has the focus.
    pub(crate) async fn press(&self, key: impl Into<thirtyfour::TypingData>) {
        self.driver.active_element().await.unwrap().send_keys(key).await.unwrap();
    }

    /// An element.
    pub(crate) async fn find(&self, css: &str) -> WebElement {
        self.driver.find(By::Css(css)).await.unwrap()
    }

    /// Writes into the filter, in place of what is there.
    pub(crate) async fn filter(&self, query: &str) {
        let input = self.find("#query").await;
        input.send_keys(Key::Control + "a").await.unwrap();
        input.send_keys(Key::Delete + query).await.unwrap();
        let expected = serde_json::to_string(query).unwrap();
        self.wait(&format!("(decodeURIComponent(location.hash).split('q=')[1] ?? '').split('&')[0] === {expected}")).await;
        self.settle().await;
    }

    /// Waits until the page has drawn what its address says, and until what is due has happened.
    pub(crate) async fn settle(&self) {
        self.driver.execute_async("setTimeout(arguments[0])", Vec::new()).await.unwrap();
        self.wait("document.documentElement.dataset.drawn === location.hash").await;
    }

    /// A command of the developer tools.
    pub(crate) async fn tools(&self, command: &str, arguments: Value) -> Value {
        self.driver.cdp().send_raw(command, arguments).await.unwrap()
    }

    /// Milliseconds of processor time that the page's main thread took so far.
    pub(crate) async fn processor_time(&self) -> f64 {
        let metrics = self.tools("Performance.getMetrics", json!({})).await;
        let metric = metrics["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == "TaskDuration").unwrap();
        metric["value"].as_f64().unwrap() * 1000.0
    }

    /// What the console says, and every request that was made.
    pub(crate) async fn end(self) -> Trace {
        let console = self.driver.browser_log().await.unwrap().into_iter().map(|entry| entry.message).collect();
        let performance = self.driver.get_log("performance").await.unwrap();
        let requests = performance.iter().filter_map(|entry| {
            let message: Value = serde_json::from_str(&entry.message).ok()?;
            let message = &message["message"];
            // The browser shows a page of its own before it is given ours.
            let ours = message["params"]["documentURL"].as_str().is_some_and(|document| document.starts_with(&self.url));
            let sent = message["method"] == "Network.requestWillBeSent" && ours;
            sent.then(|| message["params"]["request"]["url"].as_str().unwrap_or_default().to_owned())
        });
        let requests = requests.filter(|url| !url.starts_with("chrome:")).collect();
        Trace { console, requests }
    }
}

/// What a page left behind.
pub(crate) struct Trace {
    pub(crate) console: Vec<String>,
    pub(crate) requests: Vec<String>,
}

impl Trace {
    /// The console is empty, and the page itself is all that was asked for, `loads` times.
    pub(crate) fn is_clean(&self, loads: usize) {
        assert!(self.console.is_empty(), "the console says {:?}", self.console);
        assert_eq!(self.requests.len(), loads, "requests: {:?}", self.requests);
        assert!(self.requests.iter().all(|url| url.starts_with("file://") && url.contains("report.html")), "{:?}", self.requests);
    }
}
