//! Lines of an agent: read as the run reads them, each value compared with the one before, each fact stored and read again.
#![no_main]

mod limit;

use libfuzzer_sys::fuzz_target;
use skew::{
    agent::{Event, Line},
    compare::{Side, judge, judge_script},
    matrix::Tolerances,
    observation::{Fact, Observation, Status},
};

fuzz_target!(|data: &[u8]| {
    limit::bounded(data.len(), 1024, || lines(data));
});

fn lines(data: &[u8]) {
    let tolerances = Tolerances::default();
    let mut before: Option<Observation> = None;
    for line in data.split(|byte| *byte == b'\n') {
        let Ok(event) = Line::new(line).read() else { continue };
        let again: Event = serde_json::from_slice(&serde_json::to_vec(&event).expect("an event is JSON")).expect("it can be read again");
        let (Event::Observed(here), Event::Observed(again)) = (event, again) else { continue };
        let here = here.observation;
        assert_eq!(here, again.observation, "a fact comes back from the store as it was");
        for before in before.iter().chain([&here]) {
            let [one, other] = [side(before), side(&here)];
            for (baseline, here) in [(one, other), (other, one)] {
                let _ = judge(baseline, here, &tolerances);
                let _ = judge_script(baseline, here, &tolerances);
            }
        }
        before = Some(here);
    }
}

fn side(observation: &Observation) -> Side<'_> {
    let status = if matches!(observation.fact, Fact::Error(_)) { Status::Raised } else { Status::Ran };
    Side { status, signal: None, seen: Some((&observation.fact, &observation.warnings)) }
}
