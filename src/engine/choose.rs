//! Which engine runs a matrix, and why.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{DockerEngine, Engine, EngineError, FakeEngine, KubernetesEngine, LocalEngine};
use crate::matrix::{DockerSettings, EngineChoice, KubernetesSettings, Matrix, PythonVersion};

/// An engine and the reason for it.
pub struct Chosen {
    /// The engine.
    pub engine: Arc<dyn Engine>,
    /// One line: which, and why.
    pub why: String,
}

/// Variable that names the fake engine's folder; without it there is no fake engine.
const FAKE: &str = "SKEW_FAKE";

/// Chooses for `pythons`: *auto* takes docker if a daemon answers and has every image or can get it, else local.
/// `cache` is the user's cache folder and `run` the run's id, which is put on everything the engine makes.
pub async fn choose(matrix: &Matrix, cache: &Path, run: &str, pythons: &[PythonVersion]) -> Result<Chosen, EngineError> {
    let docker = &matrix.docker;
    let local = || async {
        let engine: Arc<dyn Engine> = Arc::new(LocalEngine::new(cache.to_owned(), run.to_owned()).await?);
        Ok::<_, EngineError>(engine)
    };
    match matrix.engine {
        EngineChoice::Docker => {
            let engine = DockerEngine::connect(docker.clone(), run.to_owned()).await?;
            Ok(Chosen { engine: Arc::new(engine), why: "as asked".to_owned() })
        }
        EngineChoice::Local => Ok(Chosen { engine: local().await?, why: "as asked".to_owned() }),
        EngineChoice::Fake => match std::env::var_os(FAKE) {
            Some(folder) => Ok(Chosen { engine: Arc::new(FakeEngine::new(PathBuf::from(folder))), why: "as asked".to_owned() }),
            None => Err(EngineError::Unsupported { engine: "fake", message: format!("it is for tests; {FAKE} names its folder") }),
        },
        EngineChoice::Kubernetes => {
            let engine = KubernetesEngine::connect(matrix.kubernetes.clone(), docker, run).await?;
            let (address, namespace) = engine.address();
            let why = format!("as asked, namespace {namespace} at {address}");
            Ok(Chosen { engine: Arc::new(engine), why })
        }
        EngineChoice::Auto => {
            let refusal = match DockerEngine::connect(docker.clone(), run.to_owned()).await {
                Err(error) => error.to_string(),
                Ok(engine) => match engine.interpreters(pythons).await {
                    Err(error) => error.to_string(),
                    Ok(found) => match found.into_iter().find_map(|(_, interpreter)| interpreter.err()) {
                        None => {
                            let why = "a Docker daemon answers and has the images".to_owned();
                            return Ok(Chosen { engine: Arc::new(engine), why });
                        }
                        Some(missing) => missing.message,
                    },
                },
            };
            Ok(Chosen { engine: local().await?, why: format!("docker cannot be used ({refusal})") })
        }
    }
}

/// Engines that clean up: those that `choice` names and that can be reached. An unreachable daemon is an error only
/// where it was asked for by name.
pub async fn cleaners(
    choice: EngineChoice,
    docker: &DockerSettings,
    kubernetes: &KubernetesSettings,
    cache: &Path,
) -> Result<Vec<Arc<dyn Engine>>, EngineError> {
    let mut engines: Vec<Arc<dyn Engine>> = Vec::new();
    // A cluster is other people's too: it is cleaned where it is named.
    if choice == EngineChoice::Kubernetes {
        engines.push(Arc::new(KubernetesEngine::connect(kubernetes.clone(), docker, "clean").await?));
    }
    if matches!(choice, EngineChoice::Auto | EngineChoice::Docker) {
        match DockerEngine::connect(docker.clone(), "clean".to_owned()).await {
            Ok(engine) => engines.push(Arc::new(engine)),
            Err(error) if choice == EngineChoice::Docker => return Err(error),
            Err(_) => {}
        }
    }
    if matches!(choice, EngineChoice::Auto | EngineChoice::Local) {
        engines.push(Arc::new(LocalEngine::new(cache.to_owned(), "clean".to_owned()).await?));
    }
    Ok(engines)
}
