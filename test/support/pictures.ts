/** Small labelled pictures on disk for tests that train: coloured discs on grey, one class per colour. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { SnapshotImage } from '../../src-main/services/ports';
import { Random } from '@core/random/random';

const COLOURS = [
  [210, 60, 50],
  [50, 90, 210],
] as const;

/** `count` pictures of 160x120 with two to four discs each; classes are 0 and 1. The same for the same seed. */
export async function drawDiscs(folder: string, count: number, seed = 1): Promise<SnapshotImage[]> {
  mkdirSync(folder, { recursive: true });
  const images: SnapshotImage[] = [];
  for (let i = 0; i < count; i++) {
    const random = Random.seeded(seed, i);
    const pixels = Buffer.alloc(160 * 120 * 3);
    for (let p = 0; p < pixels.length; p++) pixels[p] = 120 + random.integer(30);
    const objects: SnapshotImage['objects'][number][] = [];
    for (let k = 2 + random.integer(3); k > 0; k--) {
      const classIndex = random.integer(2);
      const radius = random.uniform(10, 22);
      const x = random.uniform(radius, 160 - radius);
      const y = random.uniform(radius, 120 - radius);
      for (let row = 0; row < 120; row++) {
        for (let column = 0; column < 160; column++) {
          if (Math.hypot(column + 0.5 - x, row + 0.5 - y) > radius) continue;
          for (let c = 0; c < 3; c++) pixels[(row * 160 + column) * 3 + c] = COLOURS[classIndex][c];
        }
      }
      objects.push([classIndex, x - radius, y - radius, x + radius, y + radius, 0]);
    }
    const path = join(folder, `discs-${i}.png`);
    writeFileSync(
      path,
      await sharp(pixels, { raw: { width: 160, height: 120, channels: 3 } })
        .png()
        .toBuffer(),
    );
    images.push({ id: i + 1, path, width: 160, height: 120, objects });
  }
  return images;
}
