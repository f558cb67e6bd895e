-- From schema 2, in which every outcome, observation and reference to an execution was a row, and runs were referred to by their ids.
-- migrate.rs packs them, and drops what is left of schema 2 then.
DROP INDEX cell_setting;
DROP INDEX execution_key;
DROP INDEX ran_execution;
ALTER TABLE observation RENAME TO observation_2;
ALTER TABLE outcome RENAME TO outcome_2;
ALTER TABLE ran RENAME TO ran_2;
ALTER TABLE execution RENAME TO execution_2;
ALTER TABLE scenario RENAME TO scenario_2;
ALTER TABLE cell RENAME TO cell_2;
ALTER TABLE run RENAME TO run_2;
CREATE TABLE run (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    started TEXT NOT NULL,
    finished TEXT,
    interrupted INTEGER NOT NULL DEFAULT 0,
    engine TEXT NOT NULL,
    skew TEXT NOT NULL,
    repeats INTEGER NOT NULL,
    selection TEXT,
    shard TEXT,
    baseline INTEGER NOT NULL,
    axes TEXT NOT NULL,
    excluded TEXT NOT NULL,
    caveats TEXT NOT NULL
) STRICT;
CREATE TABLE cell (
    run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    axes TEXT NOT NULL,
    python TEXT NOT NULL,
    declared INTEGER NOT NULL,
    conflicts TEXT NOT NULL,
    cutoff TEXT,
    made BLOB,
    setting BLOB,
    environment TEXT,
    told TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE scenario (
    run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE digest (
    id INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL UNIQUE
) STRICT;
CREATE TABLE execution (
    id INTEGER PRIMARY KEY,
    context INTEGER,
    scenario INTEGER,
    done INTEGER,
    outcomes BLOB NOT NULL
) STRICT;
CREATE TABLE former (
    key BLOB PRIMARY KEY,
    execution INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE ran (
    run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE,
    cell INTEGER NOT NULL,
    executions BLOB NOT NULL,
    PRIMARY KEY (run, cell)
) STRICT, WITHOUT ROWID;
CREATE TABLE ending (
    id INTEGER PRIMARY KEY,
    identity BLOB NOT NULL UNIQUE,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX cell_made ON cell (made);
CREATE INDEX cell_environment ON cell (environment);
CREATE INDEX execution_context ON execution (context, scenario) WHERE context IS NOT NULL;
INSERT INTO run SELECT rowid, id, started, finished, interrupted, engine, skew, repeats, selection, shard, baseline, axes, excluded, caveats
    FROM run_2;
INSERT INTO cell SELECT run.key, number, cell_2.id, cell_2.axes, python, declared, conflicts, cutoff, made, setting, environment, told, body
    FROM cell_2 JOIN run ON run.id = cell_2.run;
INSERT INTO scenario SELECT run.key, number, name, path, digest FROM scenario_2 JOIN run ON run.id = scenario_2.run;
-- The keys of before are digests of what is told apart now: with them executions are still found.
INSERT INTO former SELECT key, max(id) FROM execution_2 WHERE key IS NOT NULL AND done IS NOT NULL GROUP BY key;
DROP TABLE scenario_2;
DROP TABLE cell_2;
