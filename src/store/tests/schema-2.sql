-- Facts of all runs of one matrix.yaml. Verdicts are computed, never stored.
-- Numbers of cells and scenarios are their places in the plan of the run.
-- An execution belongs to no run: every run in which it would have come out the same refers to it.
CREATE TABLE run (
    id TEXT PRIMARY KEY,
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
    run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
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
CREATE INDEX cell_setting ON cell (setting);
CREATE TABLE scenario (
    run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    digest TEXT NOT NULL,              -- BLAKE3 of the source
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE execution (               -- one scenario in one cell, all its repeats
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,                 -- id of the run that did it, which may be gone
    key BLOB,                          -- BLAKE3 of all that decides what happens; absent where it cannot serve again
    done TEXT                          -- RFC 3339; absent until its last repeat ended
) STRICT;
CREATE INDEX execution_key ON execution (key, done) WHERE key IS NOT NULL;
CREATE TABLE ran (
    run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    scenario INTEGER NOT NULL,
    cell INTEGER NOT NULL,
    execution INTEGER NOT NULL REFERENCES execution(id),
    PRIMARY KEY (run, scenario, cell)
) STRICT, WITHOUT ROWID;
CREATE INDEX ran_execution ON ran (execution);
CREATE TABLE outcome (
    id INTEGER PRIMARY KEY,
    execution INTEGER NOT NULL REFERENCES execution(id) ON DELETE CASCADE,
    repeat INTEGER NOT NULL,
    ending BLOB NOT NULL,              -- zstd of JSON: Ending
    missing TEXT NOT NULL,             -- JSON: [name] of the first repeat that this one lacks
    UNIQUE (execution, repeat)
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
CREATE TABLE observation (
    outcome INTEGER NOT NULL REFERENCES outcome(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name INTEGER NOT NULL REFERENCES name(id),
    fact INTEGER NOT NULL REFERENCES fact(id),
    warnings INTEGER REFERENCES warning_set(id),
    line INTEGER,
    PRIMARY KEY (outcome, position)
) STRICT, WITHOUT ROWID;
