/**
 * The schema of project.sqlite, one numbered step after another; a step that has shipped never changes. The number of the
 * last step is the database's user_version.
 */

/** Marks the file as ours ("SSDS"), so that another program's database is never taken for a project. */
export const APPLICATION_ID = 0x53534453;

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE project (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL CHECK (length(name) > 0),
    created_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE class (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
    position INTEGER NOT NULL UNIQUE CHECK (position >= 0)
  ) STRICT;

  -- path: relative to the project with forward slashes when inside it, absolute otherwise; always a real path.
  CREATE TABLE image (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    file_name TEXT NOT NULL,
    width INTEGER NOT NULL CHECK (width > 0),
    height INTEGER NOT NULL CHECK (height > 0),
    split TEXT CHECK (split IN ('train', 'val', 'test')),
    problem TEXT
  ) STRICT;
  CREATE INDEX image_by_split ON image (split);

  CREATE TABLE object (
    id TEXT NOT NULL UNIQUE,
    image_id INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
    class_id INTEGER NOT NULL REFERENCES class (id),
    x1 REAL NOT NULL,
    y1 REAL NOT NULL,
    x2 REAL NOT NULL,
    y2 REAL NOT NULL,
    difficult INTEGER NOT NULL CHECK (difficult IN (0, 1)),
    truncated INTEGER NOT NULL CHECK (truncated IN (0, 1)),
    crowd INTEGER NOT NULL CHECK (crowd IN (0, 1)),
    CHECK (x2 > x1 AND y2 > y1)
  ) STRICT;
  CREATE INDEX object_by_image ON object (image_id);
  CREATE INDEX object_by_class ON object (class_id, image_id);

  CREATE TABLE default_boxes (
    network TEXT PRIMARY KEY,
    configuration TEXT NOT NULL
  ) STRICT;

  CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    state TEXT NOT NULL
      CHECK (state IN ('queued', 'running', 'paused', 'interrupted', 'stopped', 'finished', 'failed')),
    configuration TEXT NOT NULL,
    class_names TEXT NOT NULL,
    dataset_hash TEXT NOT NULL,
    engine TEXT CHECK (engine IN ('cuda', 'tensorflow', 'wasm')),
    step INTEGER NOT NULL DEFAULT 0,
    checkpoint_step INTEGER,
    created_at TEXT NOT NULL,
    mean_average_precision REAL,
    message TEXT
  ) STRICT;

  CREATE TABLE evaluation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    split TEXT NOT NULL CHECK (split IN ('train', 'val', 'test')),
    created_at TEXT NOT NULL,
    report TEXT NOT NULL
  ) STRICT;
  CREATE INDEX evaluation_by_run ON evaluation (run_id);
  `,
  // The state 'imported' joins. A CHECK cannot be altered, so that both tables are made anew: dropping run alone would take
  // its evaluations with it. Numbers of removed runs stay used.
  `
  CREATE TABLE run_next (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    state TEXT NOT NULL
      CHECK (state IN ('queued', 'running', 'paused', 'interrupted', 'stopped', 'finished', 'failed', 'imported')),
    configuration TEXT NOT NULL,
    class_names TEXT NOT NULL,
    dataset_hash TEXT NOT NULL,
    engine TEXT CHECK (engine IN ('cuda', 'tensorflow', 'wasm')),
    step INTEGER NOT NULL DEFAULT 0,
    checkpoint_step INTEGER,
    created_at TEXT NOT NULL,
    mean_average_precision REAL,
    message TEXT
  ) STRICT;
  INSERT INTO run_next (id, name, state, configuration, class_names, dataset_hash, engine, step, checkpoint_step,
                        created_at, mean_average_precision, message)
    SELECT id, name, state, configuration, class_names, dataset_hash, engine, step, checkpoint_step,
           created_at, mean_average_precision, message FROM run;
  DELETE FROM sqlite_sequence WHERE name = 'run_next';
  INSERT INTO sqlite_sequence (name, seq) SELECT 'run_next', seq FROM sqlite_sequence WHERE name = 'run';

  CREATE TABLE evaluation_next (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES run_next (id) ON DELETE CASCADE,
    split TEXT NOT NULL CHECK (split IN ('train', 'val', 'test')),
    created_at TEXT NOT NULL,
    report TEXT NOT NULL
  ) STRICT;
  INSERT INTO evaluation_next (id, run_id, split, created_at, report)
    SELECT id, run_id, split, created_at, report FROM evaluation;

  DROP TABLE evaluation;
  DROP TABLE run;
  ALTER TABLE run_next RENAME TO run;
  ALTER TABLE evaluation_next RENAME TO evaluation;
  CREATE INDEX evaluation_by_run ON evaluation (run_id);
  `,
  // The engine 'webgpu' joins; a column's own CHECK goes with the column.
  `
  ALTER TABLE run ADD COLUMN engine_next TEXT CHECK (engine_next IN ('cuda', 'webgpu', 'tensorflow', 'wasm'));
  UPDATE run SET engine_next = engine;
  ALTER TABLE run DROP COLUMN engine;
  ALTER TABLE run RENAME COLUMN engine_next TO engine;
  `,
  // Runs keep the checkpoint with the best average precision on val beside the newest.
  'ALTER TABLE run ADD COLUMN best_step INTEGER;',
  // From what overlap on default boxes learn an object, where a person chose another than the usual.
  `
  CREATE TABLE matching_threshold (
    network TEXT PRIMARY KEY NOT NULL,
    threshold REAL NOT NULL CHECK (threshold > 0 AND threshold < 1)
  ) STRICT;
  `,
  // Default boxes kept under names. network_key: what default boxes depend on; network: the whole choice as JSON.
  `
  CREATE TABLE named_boxes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL COLLATE NOCASE CHECK (length(name) > 0),
    network_key TEXT NOT NULL,
    network TEXT NOT NULL,
    configuration TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    UNIQUE (network_key, name)
  ) STRICT;
  `,
  // Places that a person looked at and found to be no object, whatever a network thinks of them.
  `
  CREATE TABLE no_object (
    image_id INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
    x1 REAL NOT NULL,
    y1 REAL NOT NULL,
    x2 REAL NOT NULL,
    y2 REAL NOT NULL,
    CHECK (x2 > x1 AND y2 > y1)
  ) STRICT;
  CREATE INDEX no_object_by_image ON no_object (image_id);
  `,
];
