//! A plan for programs.

use serde_json::{Map, Value, json};

use crate::plan::Plan;

/// A plan as JSON, `skew.plan/1`: `axes`, `pythons`, `baseline` (an id), `cells` (in plan order), `excluded`, `notes`.
/// `dependencies` of a cell is its cut-off in RFC 3339, `null` for none; `unavailable` tells why it can never exist.
pub fn plan_json(plan: &Plan) -> Value {
    let cells = plan.cells.iter().map(|cell| {
        let axes: Map<String, Value> =
            plan.axes.iter().zip(&cell.versions).map(|(axis, version)| (axis.name.clone(), version.to_string().into())).collect();
        json!({
            "id": cell.id,
            "axes": axes,
            "python": cell.python.to_string(),
            "dependencies": cell.cutoff.map(|cutoff| cutoff.to_string()),
            "declared": cell.declared,
            "conflicts": cell.conflicts,
            "unavailable": cell.unavailable,
        })
    });
    json!({
        "schema": "skew.plan/1",
        "axes": plan.axes,
        "pythons": plan.pythons,
        "baseline": plan.cells.get(plan.baseline).map(|cell| cell.id.as_str()),
        "cells": cells.collect::<Vec<_>>(),
        "excluded": plan.excluded,
        "notes": plan.notes,
    })
}
