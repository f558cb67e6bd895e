//! The jobs of cells, and the digests by which a later run recognises what came of them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::Serialize;

use crate::{
    agent::{self, Job},
    engine::{Interpreter, Phase, PhaseKind},
    environment,
    matrix::{AxisVersion, Matrix},
    plan::{Plan, PlanCell},
    scenario::Scenario,
    store::Digest,
};

/// Bytes of array content that one scenario may send.
const VALUE_BYTES: u64 = 16 << 20;
/// Observations one scenario may make.
const MAX_OBSERVATIONS: u32 = 20_000;
/// Making an environment and importing take this long at most.
const OVERHEAD: Duration = Duration::from_hours(1);
/// Seed of every scenario.
const SEED: u32 = 0;

/// What the jobs of a matrix are made of.
#[derive(Clone, Copy, Debug)]
pub struct Jobs<'a> {
    /// The matrix.
    pub matrix: &'a Matrix,
    /// Its plan.
    pub plan: &'a Plan,
    /// Its scenarios.
    pub scenarios: &'a [Scenario],
    /// Name of the engine.
    pub engine: &'static str,
    /// Tells package indexes apart; holds no credentials.
    pub index: &'a str,
    /// The day (`2026-11-23`) as of which packages without a cut-off date are taken.
    pub today: &'a str,
    /// Cells at a time.
    pub at_a_time: usize,
}

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
    pub(super) fn new(jobs: &Jobs<'_>, place: &str, cell: &PlanCell, interpreter: &Interpreter, scenarios: &Arc<[Digest]>) -> Self {
        let made = (environment::provision(jobs.plan, cell, jobs.index, jobs.today), &interpreter.what, &interpreter.digest);
        let setting = (
            jobs.execute(&[], cell),
            jobs.variables(PhaseKind::Execute),
            &jobs.matrix.limits,
            environment::agent_path(),
            place,
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

fn digest(value: &impl Serialize) -> Digest {
    // Strings, numbers and maps with string keys: writing them cannot fail.
    *blake3::hash(&serde_json::to_vec(value).unwrap_or_default()).as_bytes()
}

impl Jobs<'_> {
    /// The digests of all scenarios, as the agent gets them.
    pub(super) fn scenario_digests(&self) -> Arc<[Digest]> {
        (0..self.scenarios.len()).map(|number| digest(&self.scenario(number))).collect()
    }

    /// Numbers of the scenarios that apply in a cell, and of the others.
    pub fn applying(&self, cell: &PlanCell) -> (Vec<usize>, Vec<usize>) {
        let axes = self.plan.axes.iter().zip(&cell.versions);
        let versions: BTreeMap<String, AxisVersion> = axes.map(|(axis, version)| (axis.name.clone(), version.clone())).collect();
        let applies = |scenario: &Scenario| scenario.header.when.as_ref().is_none_or(|when| when.holds(&versions, cell.python));
        (0..self.scenarios.len()).partition(|&number| applies(&self.scenarios[number]))
    }

    /// A phase of a cell: `scenarios` are the numbers of those to run, and `program` is what runs the agent then.
    pub fn phase(&self, cell: &PlanCell, kind: PhaseKind, scenarios: &[usize], program: Option<String>) -> Phase {
        let cache = &self.matrix.cache;
        // Of the cells whose environment is there, so many at most have not begun to use it, and none has waited longer than
        // those that came after it: see the dispatcher's schedule.
        let spare = 4 * self.at_a_time;
        let longest: f64 = scenarios.iter().map(|&number| self.timeout(number) * f64::from(self.repeats(number))).sum();
        let job = match kind {
            PhaseKind::Provision => Job::Provision(agent::Provision {
                room: agent::Room { limit: cache.limit, min_free: cache.min_free_disk, spare },
                ..environment::provision(self.plan, cell, self.index, self.today)
            }),
            PhaseKind::Execute => Job::Execute(self.execute(scenarios, cell)),
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
            env: self.variables(kind),
            limits: self.matrix.limits.clone(),
            // What crashes or hangs is tried again in a fresh process.
            deadline: OVERHEAD + Duration::try_from_secs_f64(2.0 * longest).unwrap_or(OVERHEAD),
            kin: self.plan.packages(cell).last().map(|(axis, version)| format!("{} {version}", axis.package)).unwrap_or_default(),
            then: None,
            from: None,
        }
    }

    /// The first phase of a cell with the second, which runs these scenarios.
    pub fn both(&self, cell: &PlanCell, scenarios: &[usize]) -> Phase {
        let then = self.phase(cell, PhaseKind::Execute, scenarios, None);
        Phase { deadline: then.deadline, then: Some(Box::new(then)), ..self.phase(cell, PhaseKind::Provision, &[], None) }
    }

    /// Variables for the agent.
    fn variables(&self, kind: PhaseKind) -> BTreeMap<String, String> {
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
            env.extend(self.matrix.env.clone());
        }
        env
    }

    fn execute(&self, scenarios: &[usize], cell: &PlanCell) -> agent::Execute {
        let limits = &self.matrix.limits;
        // Where no cgroup can be trusted to stop the scenario alone: a cluster's may stop all of a container.
        let watched = match self.engine {
            "local" => Some(limits.memory),
            "kubernetes" => Some(limits.memory - limits.memory / 16),
            _ => None,
        };
        agent::Execute {
            protocol: agent::PROTOCOL,
            imports: self.plan.packages(cell).map(|(axis, _)| axis.import.clone()).collect(),
            scenarios: scenarios.iter().map(|&number| self.scenario(number)).collect(),
            seed: Some(SEED),
            value_bytes: VALUE_BYTES,
            max_observations: MAX_OBSERVATIONS,
            output_bytes: limits.output,
            memory_bytes: watched,
            pids: watched.map(|_| limits.pids),
        }
    }

    /// Seconds that one execution of a scenario may take.
    fn timeout(&self, number: usize) -> f64 {
        self.scenarios[number].header.timeout.unwrap_or(self.matrix.limits.timeout).as_secs_f64()
    }

    /// Executions of a scenario.
    fn repeats(&self, number: usize) -> u32 {
        self.scenarios[number].header.repeats.unwrap_or(self.matrix.repeats)
    }

    fn scenario(&self, number: usize) -> agent::ScenarioJob {
        let scenario = &self.scenarios[number];
        agent::ScenarioJob {
            name: scenario.name.clone(),
            source: scenario.source.clone(),
            timeout: self.timeout(number),
            repeats: self.repeats(number),
            fork: scenario.header.fork,
            env: scenario.header.env.clone(),
        }
    }
}
