/** Labels pictures of a project without end and prints the number of each edit once it is acknowledged. Killed by its test. */
import { writeSync } from 'node:fs';
import { openProject } from '../../../src-main/store/project-store';

const [directory, first] = process.argv.slice(2);
const store = openProject(directory);
for (let edit = Number(first); ; edit++) {
  const imageId = 1 + (edit % 5);
  const object = {
    id: `00000000-0000-4000-8000-${String(edit).padStart(12, '0')}`,
    classId: 1,
    box: { x1: 1, y1: 2, x2: 3 + edit, y2: 4 },
    difficult: false,
    truncated: false,
    crowd: false,
  };
  store.applyChanges(imageId, [{ kind: 'put', object }]);
  writeSync(1, `${edit}\n`);
}
