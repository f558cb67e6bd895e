//! The program itself, with real containers, real interpreters, and scenarios that misbehave in every way known.
//!
//! Needs a package index, and for engine docker a daemon and the images `skew-test/python:3.7` and `:3.11`
//! (`tests/images/build 3.7 3.11`), for engine local those interpreters. What is missing is said and its tests pass, unless
//! `SKEW_REQUIRE_DOCKER=1` or `SKEW_REQUIRE_PYTHONS="3.7 3.11"` ask for it. Environments are kept between runs, in the
//! folder `SKEW_CACHE_DIR` and the volume `SKEW_DOCKER_VOLUME` where these are set.

mod bench;
mod bytecode;
mod endings;
mod engines;
mod escapes;
mod faults;
mod hostile;
mod sandbox;
mod table;
