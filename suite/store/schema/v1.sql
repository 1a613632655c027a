-- Version 1. Rows of results are never changed or deleted; a later execution of a cell supersedes an earlier one.
CREATE TABLE environment (
  id    TEXT PRIMARY KEY,          -- first 16 digits of the SHA-256 of the body
  body  TEXT NOT NULL              -- canonical JSON: cpu, os, compiler, flags, libtorch, device, threads, isa
) STRICT, WITHOUT ROWID;

CREATE TABLE source (              -- a source file in one state; shared by the code versions that hold it
  id      INTEGER PRIMARY KEY,
  path    TEXT NOT NULL,
  sha256  TEXT NOT NULL,
  UNIQUE (path, sha256)
) STRICT;

CREATE TABLE code (
  id        TEXT PRIMARY KEY,      -- code fingerprint
  revision  TEXT NOT NULL,
  dirty     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE code_source (
  code    TEXT NOT NULL REFERENCES code,
  source  INTEGER NOT NULL REFERENCES source,
  PRIMARY KEY (code, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE protocol (            -- what a task was asked to do: setting, budget, data set
  id    INTEGER PRIMARY KEY,
  body  TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE cell (                -- one place of the matrix
  id          INTEGER PRIMARY KEY,
  task        TEXT NOT NULL,
  setting     TEXT NOT NULL,
  tier        TEXT NOT NULL,
  method      TEXT NOT NULL,
  label       TEXT NOT NULL,
  seed        INTEGER NOT NULL,
  parameters  TEXT NOT NULL,       -- canonical JSON, every parameter of the method
  protocol    INTEGER NOT NULL REFERENCES protocol,
  UNIQUE (task, setting, tier, label, seed, parameters, protocol)
) STRICT;

CREATE TABLE run (
  key   TEXT PRIMARY KEY,          -- SHA-256 of all that can change the result
  cell  INTEGER NOT NULL REFERENCES cell,
  code  TEXT NOT NULL REFERENCES code,
  data  TEXT NOT NULL              -- digest of the data set's checksums
) STRICT, WITHOUT ROWID;

CREATE TABLE execution (
  id              INTEGER PRIMARY KEY,
  run             TEXT NOT NULL REFERENCES run,
  environment     TEXT NOT NULL REFERENCES environment,
  failure         TEXT NOT NULL,   -- '' = ok, otherwise the class of failure
  message         TEXT NOT NULL,
  log_tail        TEXT NOT NULL,
  digest          TEXT NOT NULL,   -- of everything that the method gave
  started_ms      INTEGER NOT NULL,
  seconds         REAL NOT NULL,
  cpu_seconds     REAL NOT NULL,
  peak_memory_kb  INTEGER NOT NULL,
  notes           TEXT NOT NULL    -- JSON: what the protocol did; 'null' if nothing
) STRICT;
CREATE INDEX execution_by_run ON execution (run, environment);

CREATE TABLE metric_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE metric (
  execution  INTEGER NOT NULL REFERENCES execution,
  name       INTEGER NOT NULL REFERENCES metric_name,
  value      REAL NOT NULL,
  PRIMARY KEY (execution, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE curve (
  execution  INTEGER NOT NULL REFERENCES execution,
  name       INTEGER NOT NULL REFERENCES metric_name,
  points     BLOB NOT NULL,        -- float32, little endian, one an epoch; NaN = none
  PRIMARY KEY (execution, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE prediction (
  execution  INTEGER NOT NULL REFERENCES execution,
  name       TEXT NOT NULL,
  dtype      TEXT NOT NULL,
  shape      TEXT NOT NULL,        -- JSON list
  body       BLOB NOT NULL,        -- zlib
  PRIMARY KEY (execution, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE exhibit (
  execution  INTEGER PRIMARY KEY REFERENCES execution,
  body       BLOB NOT NULL         -- zlib of JSON: examples with what the method gave for each
) STRICT;

CREATE TABLE picture (
  sha256      TEXT PRIMARY KEY,
  media_type  TEXT NOT NULL,
  body        BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE event (               -- append-only; each row carries the hash of the one before
  id        INTEGER PRIMARY KEY,
  at_ms     INTEGER NOT NULL,
  kind      TEXT NOT NULL,
  body      TEXT NOT NULL,
  hash      TEXT NOT NULL          -- SHA-256 of (previous hash, at, kind, body), first 32 digits
) STRICT;

-- At most one row for a cell in an environment: the latest attempt, failed or not.
CREATE VIEW current_execution AS
SELECT execution.*, run.cell, run.code
FROM   execution JOIN run ON run.key = execution.run
WHERE  NOT EXISTS (SELECT 1 FROM run AS other_run JOIN execution AS later ON later.run = other_run.key
                   WHERE other_run.cell = run.cell AND later.environment = execution.environment
                     AND (later.started_ms, later.id) > (execution.started_ms, execution.id));
CREATE INDEX run_by_cell ON run (cell);
