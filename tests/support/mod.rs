//! What integration tests share.
#![expect(dead_code, reason = "each test file uses its own part of what is here")]

pub(crate) mod index;
pub(crate) mod wheels;

/// Never used, so that the expectation above holds in every test file.
const NEVER_USED: () = ();
