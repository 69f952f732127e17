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
];
