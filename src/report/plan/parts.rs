//! `skew plan --shards`: how the cells are divided.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use crate::report::text;

/// A part of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// `2/4`.
    pub shard: String,
    /// Ids of its cells, in plan order.
    pub cells: Vec<String>,
    /// How long they took when they ran last, where all of them did.
    pub seconds: Option<f64>,
}

/// The parts for people.
pub fn parts_text(parts: &[Part]) -> String {
    let mut out = String::new();
    for part in parts {
        let time = part.seconds.map_or_else(String::new, |seconds| format!(", about {} of work", text::duration(seconds)));
        let _ = writeln!(out, "{}  {}{time}", part.shard, text::count(part.cells.len() as u64, "cell"));
        for cell in &part.cells {
            let _ = writeln!(out, "     {cell}");
        }
    }
    out
}

/// The parts for programs.
pub fn parts_json(parts: &[Part]) -> Value {
    json!({ "schema": "skew.shards/1", "shards": parts })
}

/// The parts as a job matrix of a GitHub workflow: one line for `strategy.matrix: ${{ fromJSON(…) }}`.
pub fn github_matrix(parts: &[Part]) -> Value {
    let include: Vec<Value> = parts.iter().map(|part| json!({ "shard": part.shard, "cells": part.cells.len() })).collect();
    json!({ "include": include })
}
