//! The jobs of cells, and the digests by which a later run recognises what came of them.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use super::executor::{Course, Settings};
use crate::{
    agent::{self, Job},
    engine::{Interpreter, Phase, PhaseKind},
    environment,
    plan::PlanCell,
    store::Digest,
};

/// Bytes of array content that one scenario may send.
const VALUE_BYTES: u64 = 16 << 20;
/// Observations one scenario may make.
const MAX_OBSERVATIONS: u32 = 20_000;
/// Seed of every scenario.
const SEED: u32 = 0;

/// What a cell and its outcomes are recognised by. All that reaches the agent is part of it, and what the agent cannot
/// be told: engine, processor, interpreter, the agent itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Identity {
    /// Of what makes the environment.
    pub(super) made: Digest,
    /// Of what scenarios meet in it beside its packages.
    pub(super) setting: Digest,
    /// Of each scenario as the agent gets it, by number.
    pub(super) scenarios: Arc<[Digest]>,
}

impl Identity {
    /// Of a cell of which `interpreter` is known. `scenarios` are the digests of all scenarios of the course.
    pub(super) fn new(
        course: &Course<'_>,
        settings: &Settings,
        cell: &PlanCell,
        interpreter: &Interpreter,
        scenarios: &Arc<[Digest]>,
    ) -> Self {
        let made = (environment::provision(course.plan, cell, &settings.index, &settings.today), &interpreter.what, &interpreter.digest);
        let setting = (
            execute_job(course, &[], cell),
            variables(course, PhaseKind::Execute),
            &course.matrix.limits,
            environment::agent_path(),
            course.engine.place(),
            (&interpreter.what, &interpreter.digest, &interpreter.version),
        );
        Self { made: digest(&made), setting: digest(&setting), scenarios: Arc::clone(scenarios) }
    }

    /// The digest of all that decides what scenarios do in an environment but themselves.
    pub(super) fn context(&self, environment: &str) -> Digest {
        *blake3::Hasher::new().update(&self.setting).update(environment.as_bytes()).finalize().as_bytes()
    }

    /// The digest of a scenario as the agent gets it.
    pub(super) fn scenario(&self, number: usize) -> &Digest {
        self.scenarios.get(number).unwrap_or(&[0; 32])
    }

    /// What stores kept an outcome under before schema 3.
    pub(super) fn former_key(&self, environment: &str, scenario: usize) -> Digest {
        let mut key = blake3::Hasher::new();
        key.update(&self.setting).update(environment.as_bytes()).update(b"\0");
        key.update(self.scenarios.get(scenario).map_or(&[], Digest::as_slice));
        *key.finalize().as_bytes()
    }
}

/// The digests of all scenarios of a course, as the agent gets them.
pub(super) fn scenario_digests(course: &Course<'_>) -> Arc<[Digest]> {
    (0..course.scenarios.len()).map(|number| digest(&scenario_job(course, number))).collect()
}

fn digest(value: &impl Serialize) -> Digest {
    // Strings, numbers and maps with string keys: writing them cannot fail.
    *blake3::hash(&serde_json::to_vec(value).unwrap_or_default()).as_bytes()
}

/// A phase of a cell: `scenarios` are the numbers of those to run, and `program` is what runs the agent then.
pub(super) fn phase(
    course: &Course<'_>,
    settings: &Settings,
    cell: &PlanCell,
    kind: PhaseKind,
    scenarios: &[usize],
    program: Option<String>,
) -> Phase {
    let cache = &course.matrix.cache;
    // Of the cells whose environment is there, so many at most have not begun to use it, and none has waited longer than
    // those that came after it: see the dispatcher's schedule.
    let spare = 4 * settings.jobs;
    let job = match kind {
        PhaseKind::Provision => Job::Provision(agent::Provision {
            room: agent::Room { limit: cache.limit, min_free: cache.min_free_disk, spare },
            ..environment::provision(course.plan, cell, &settings.index, &settings.today)
        }),
        PhaseKind::Execute => Job::Execute(execute_job(course, scenarios, cell)),
    };
    // A job is made of strings, numbers and maps with string keys: writing it cannot fail.
    let job = serde_json::to_string(&job).unwrap_or_default();
    Phase {
        kind,
        cell: cell.id.clone(),
        python: cell.python,
        program,
        agent: environment::agent_path(),
        job,
        env: variables(course, kind),
        limits: course.matrix.limits.clone(),
    }
}

/// Variables for the agent.
fn variables(course: &Course<'_>, kind: PhaseKind) -> BTreeMap<String, String> {
    let mut env: BTreeMap<String, String> = [
        ("PYTHONHASHSEED", "0"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONIOENCODING", "utf-8"),
        ("OMP_NUM_THREADS", "1"),
        ("LC_ALL", "C.UTF-8"),
        ("TZ", "UTC"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    if kind == PhaseKind::Execute {
        env.extend(course.matrix.env.clone());
    }
    env
}

fn execute_job(course: &Course<'_>, scenarios: &[usize], cell: &PlanCell) -> agent::Execute {
    let limits = &course.matrix.limits;
    let local = course.engine.name() == "local";
    agent::Execute {
        protocol: agent::PROTOCOL,
        imports: course.plan.packages(cell).map(|(axis, _)| axis.import.clone()).collect(),
        scenarios: scenarios.iter().map(|&number| scenario_job(course, number)).collect(),
        seed: Some(SEED),
        value_bytes: VALUE_BYTES,
        max_observations: MAX_OBSERVATIONS,
        output_bytes: limits.output,
        memory_bytes: local.then_some(limits.memory),
        pids: local.then_some(limits.pids),
    }
}

fn scenario_job(course: &Course<'_>, number: usize) -> agent::ScenarioJob {
    let scenario = &course.scenarios[number];
    agent::ScenarioJob {
        name: scenario.name.clone(),
        source: scenario.source.clone(),
        timeout: scenario.header.timeout.unwrap_or(course.matrix.limits.timeout).as_secs_f64(),
        repeats: scenario.header.repeats.unwrap_or(course.matrix.repeats),
        fork: scenario.header.fork,
        env: scenario.header.env.clone(),
    }
}
