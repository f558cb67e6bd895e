//! What every hostile scenario must end as.

/// How a scenario ends: as the status, and the beginning of its cause after a colon.
pub(crate) struct Expected {
    pub(crate) scenario: &'static str,
    pub(crate) docker: &'static str,
    pub(crate) local: &'static str,
}

const fn both(scenario: &'static str, end: &'static str) -> Expected {
    Expected { scenario, docker: end, local: end }
}

/// All scenarios, in the order of their names.
pub(crate) const TABLE: &[Expected] = &[
    both("aborts", "crash: SIGABRT in aborts.py:4 in <module>"),
    both("big_array", "ran"),
    both("closes_descriptors", "protocol: the scenario closed or replaced the agent's protocol pipe"),
    both("deep_nesting", "ran"),
    both("digs_deep", "ran"),
    // The kernel enforces a container's memory; local watches it.
    Expected { scenario: "eats_memory", docker: "oom: killed by the kernel at the memory limit", local: "oom: more than 512 MiB" },
    Expected {
        scenario: "eats_memory_in_children",
        docker: "oom: killed by the kernel at the memory limit",
        local: "oom: more than 512 MiB",
    },
    both("finds_descriptor_and_forges", "protocol: the scenario's protocol pipe carried a line that the agent did not write"),
    both("floods_stdout", "ran"),
    both("forges_through_proc", "ran"),
    // In a container fork(2) refuses; local kills whoever has too many.
    Expected { scenario: "fork_bomb", docker: "raised: BlockingIOError: [Errno 11]", local: "crash: more than 64 processes" },
    both("forks_and_lingers", "ran"),
    both("hangs", "timeout: longer than 5 s in hangs.py:8 in <module>"),
    both("kills_its_parent", "protocol: the scenario ended the agent's process that had forked it"),
    both("many_names", "ran"),
    both("network", "ran"),
    both("os_exit", "exited: ended the interpreter itself with exit code 3"),
    both("overflows_c_stack", "crash: SIGSEGV in overflows_c_stack.py:8 in deeper"),
    both("prints_binary", "ran"),
    both("protects_files", "ran"),
    both("reads_stdin", "raised: EOFError: EOF when reading a line (line 5)"),
    both("recurses", "raised: RecursionError: maximum recursion depth exceeded (line 5)"),
    both("sees_host_env", "ran"),
    both("segfault", "crash: SIGSEGV in segfault.py:4 in <module>"),
    both("stops_itself", "timeout: longer than 5 s"),
    both("syntax_3_10", "ran"),
    both("syntax_3_12", "raised: SyntaxError: "),
    both("sys_exit", "exited: SystemExit: 4 (line 5)"),
    both("writes_100mb", "ran"),
    both("writes_other_dirs", "ran"),
    both("zz_sober", "ran"),
];
