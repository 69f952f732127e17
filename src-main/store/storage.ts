/** The port ProjectStorage onto SQLite. */
import { join } from 'node:path';
import type { ProjectGlance, ProjectStorage } from '../services/ports';
import { openReadOnly } from './database';
import { createProject, DATABASE_NAME, openProject } from './project-store';

export const sqliteStorage: ProjectStorage = { open: openProject, create: createProject, glance };

function glance(directory: string): ProjectGlance | null {
  try {
    const connection = openReadOnly(join(directory, DATABASE_NAME));
    try {
      const counts = connection
        .prepare<[], Omit<ProjectGlance, 'imageIds'>>(
          `SELECT name, (SELECT count(*) FROM image) AS images, (SELECT count(*) FROM object) AS objects,
             (SELECT mean_average_precision FROM run WHERE mean_average_precision IS NOT NULL
              ORDER BY id DESC LIMIT 1) AS meanAveragePrecision
           FROM project`,
        )
        .get();
      if (counts === undefined) return null;
      const imageIds = connection
        .prepare<[], number>(
          `SELECT id FROM image WHERE problem IS NULL
           ORDER BY NOT EXISTS (SELECT 1 FROM object WHERE image_id = image.id), id LIMIT 4`,
        )
        .pluck()
        .all();
      return { ...counts, imageIds };
    } finally {
      connection.close();
    }
  } catch {
    return null;
  }
}
