-- From schema 1, in which an outcome belonged to one run. What decided it was not kept, so it cannot serve again.
ALTER TABLE run ADD COLUMN selection TEXT;
ALTER TABLE run ADD COLUMN shard TEXT;
ALTER TABLE cell ADD COLUMN made BLOB;
ALTER TABLE cell ADD COLUMN setting BLOB;
ALTER TABLE cell ADD COLUMN environment TEXT;
ALTER TABLE cell ADD COLUMN told TEXT;
UPDATE cell SET environment = json_extract(body, '$.environment');
UPDATE cell SET told = (SELECT coalesce(finished, started) FROM run WHERE run.id = cell.run)
    WHERE json_extract(body, '$.state') != 'not-run';
CREATE INDEX cell_setting ON cell (setting);
CREATE TABLE execution (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    key BLOB,
    done TEXT
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
-- The first repeat gives its number to the execution.
INSERT INTO execution (id, run, done)
    SELECT min(outcome.id), run, (SELECT coalesce(finished, started) FROM run WHERE run.id = outcome.run)
    FROM outcome GROUP BY run, cell, scenario;
INSERT INTO ran (run, scenario, cell, execution) SELECT run, scenario, cell, min(id) FROM outcome GROUP BY run, cell, scenario;
CREATE TABLE outcome_2 (
    id INTEGER PRIMARY KEY,
    execution INTEGER NOT NULL REFERENCES execution(id) ON DELETE CASCADE,
    repeat INTEGER NOT NULL,
    ending BLOB NOT NULL,
    missing TEXT NOT NULL,
    UNIQUE (execution, repeat)
) STRICT;
INSERT INTO outcome_2 (id, execution, repeat, ending, missing)
    SELECT outcome.id, ran.execution, repeat, ending, missing
    FROM outcome JOIN ran ON ran.run = outcome.run AND ran.cell = outcome.cell AND ran.scenario = outcome.scenario;
CREATE TABLE observation_2 (
    outcome INTEGER NOT NULL REFERENCES outcome_2(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name INTEGER NOT NULL REFERENCES name(id),
    fact INTEGER NOT NULL REFERENCES fact(id),
    warnings INTEGER REFERENCES warning_set(id),
    line INTEGER,
    PRIMARY KEY (outcome, position)
) STRICT, WITHOUT ROWID;
INSERT INTO observation_2 SELECT * FROM observation;
DROP TABLE observation;
DROP TABLE outcome;
ALTER TABLE outcome_2 RENAME TO outcome;
ALTER TABLE observation_2 RENAME TO observation;
