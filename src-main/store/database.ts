/** Opening a project's database: pragmas, the checks that it is ours and not from the future, migrations after a backup. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { StudioFailure } from '@core/contract/failure';
import { APPLICATION_ID, MIGRATIONS } from './migrations';
import { storeFailure } from './failures';

export type Connection = Database.Database;

/** How long a statement waits for another process's write. Writes take milliseconds, the largest import well under a second. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens an existing database and brings it to the latest version. Several processes may have it open: SQLite's own locks
 * order their writes. Throws StudioFailure: 'unreadable' (missing, damaged, another program's), 'newer-database', 'busy'.
 */
export function openDatabase(file: string, migrations: readonly string[] = MIGRATIONS): Connection {
  if (!existsSync(file)) throw new StudioFailure('unreadable', `There is no project database at ${file}.`);
  let connection: Connection | undefined;
  try {
    connection = new Database(file, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    checkIdentity(connection, file, migrations.length);
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    connection.pragma('foreign_keys = ON');
    if (versionOf(connection) < migrations.length) {
      backUp(connection, file);
      migrate(connection, migrations);
    }
    return connection;
  } catch (error) {
    connection?.close();
    throw storeFailure(error, file);
  }
}

/** Writes a new database with all migrations applied at `file`, which must not exist, with no journal beside it. */
export function createDatabase(
  file: string,
  fill: (connection: Connection) => void,
  migrations: readonly string[] = MIGRATIONS,
): void {
  const connection = new Database(file);
  try {
    connection.pragma('synchronous = FULL');
    connection.pragma('foreign_keys = ON');
    connection.pragma(`application_id = ${APPLICATION_ID}`);
    migrate(connection, migrations);
    connection.transaction(() => fill(connection)).immediate();
  } catch (error) {
    throw storeFailure(error, file);
  } finally {
    connection.close();
  }
}

/** For looking at a project without opening it (the cards of recent projects). Same checks, no migration. */
export function openReadOnly(file: string): Connection {
  let connection: Connection | undefined;
  try {
    connection = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    checkIdentity(connection, file, MIGRATIONS.length);
    return connection;
  } catch (error) {
    connection?.close();
    throw storeFailure(error, file);
  }
}

function checkIdentity(connection: Connection, file: string, latest: number): void {
  if (connection.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new StudioFailure('unreadable', `${file} is not a database of SSD Studio.`, 'Choose another folder.');
  }
  const version = versionOf(connection);
  if (version > latest) {
    throw new StudioFailure(
      'newer-database',
      `This project was last opened by a newer SSD Studio (its database is version ${version}, this program knows ${latest}).`,
      'Update SSD Studio. Nothing in the project was changed.',
    );
  }
}

function versionOf(connection: Connection): number {
  return connection.pragma('user_version', { simple: true }) as number;
}

/** A consistent copy beside the database, named after the version it holds, complete before it has its name. */
function backUp(connection: Connection, file: string): void {
  const copy = `${file}.backup-v${versionOf(connection)}`;
  const unfinished = `${copy}.tmp`;
  rmSync(unfinished, { force: true });
  connection.prepare('VACUUM INTO ?').run(unfinished);
  renameSync(unfinished, copy);
}

/** All missing steps in one transaction: either the database is at the latest version afterwards or nothing changed. */
function migrate(connection: Connection, migrations: readonly string[]): void {
  connection
    .transaction(() => {
      // Read again under the lock: another process may have migrated meanwhile.
      for (const step of migrations.slice(versionOf(connection))) connection.exec(step);
      connection.pragma(`user_version = ${migrations.length}`);
    })
    .exclusive();
}
