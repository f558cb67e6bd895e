-- Facts of all runs of one matrix.yaml. Verdicts are computed, never stored.
-- Numbers of cells and scenarios are their places in the plan of the run.
-- An execution belongs to no run: every run in which it would have come out the same refers to it.
-- What there may be a million of is packed, as packed.rs says.
CREATE TABLE run (
    key INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again
    id TEXT NOT NULL UNIQUE,
    started TEXT NOT NULL,             -- RFC 3339, UTC
    finished TEXT,                     -- absent while it goes on, or when it was killed
    interrupted INTEGER NOT NULL DEFAULT 0,
    engine TEXT NOT NULL,
    skew TEXT NOT NULL,
    repeats INTEGER NOT NULL,
    selection TEXT,                    -- what was asked for, where that was not everything
    shard TEXT,                        -- `2/4`, where it is a part of a run
    baseline INTEGER NOT NULL,         -- number of the cell
    axes TEXT NOT NULL,                -- JSON: [PlanAxis]
    excluded TEXT NOT NULL,            -- JSON: [Excluded]
    caveats TEXT NOT NULL              -- JSON: [text]: what the engine could not isolate
) STRICT;
CREATE TABLE cell (
    run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    axes TEXT NOT NULL,                -- JSON: {axis: version}
    python TEXT NOT NULL,
    declared INTEGER NOT NULL,
    conflicts TEXT NOT NULL,           -- JSON: [text]
    cutoff TEXT,                       -- RFC 3339
    made BLOB,                         -- BLAKE3 of what makes its environment
    setting BLOB,                      -- BLAKE3 of what scenarios meet in it beside its packages
    environment TEXT,                  -- digest of its packages
    told TEXT,                         -- RFC 3339: when its facts were told, which may be in an earlier run
    body TEXT NOT NULL,                -- JSON: CellFacts
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX cell_made ON cell (made);
CREATE INDEX cell_environment ON cell (environment);
CREATE TABLE scenario (
    run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    digest TEXT NOT NULL,              -- BLAKE3 of the source
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE digest (
    id INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL UNIQUE         -- BLAKE3
) STRICT;
CREATE TABLE execution (               -- one scenario in one cell, all its repeats
    id INTEGER PRIMARY KEY,
    context INTEGER,                   -- key of a digest: all that decides what happens but the scenario; absent where it cannot serve again
    scenario INTEGER,                  -- key of a digest: the scenario as the agent gets it
    done INTEGER,                      -- Unix time; absent until its last repeat ended
    outcomes BLOB NOT NULL             -- packed: of each repeat its ending and its observations
) STRICT;
CREATE INDEX execution_context ON execution (context, scenario) WHERE context IS NOT NULL;
CREATE TABLE former (                  -- how executions were found that were stored before schema 3
    key BLOB PRIMARY KEY,              -- BLAKE3 of all that decides what happens
    execution INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE ran (
    run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE,
    cell INTEGER NOT NULL,
    executions BLOB NOT NULL,          -- packed: of each scenario its execution, and whether this run did it
    PRIMARY KEY (run, cell)
) STRICT, WITHOUT ROWID;
CREATE TABLE ending (
    id INTEGER PRIMARY KEY,
    identity BLOB NOT NULL UNIQUE,     -- BLAKE3 of what tells endings apart
    body BLOB NOT NULL                 -- zstd of JSON: Ending, without seconds and memory
) STRICT;
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE fact (
    id INTEGER PRIMARY KEY,
    identity BLOB NOT NULL UNIQUE,     -- BLAKE3 of what tells facts apart
    body BLOB NOT NULL                 -- zstd of JSON: Fact
) STRICT;
CREATE TABLE warning_set (
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL UNIQUE          -- JSON: [Warned]
) STRICT;
