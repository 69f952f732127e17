/** The sample's pictures as JPEG files. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SampleRenderer } from '../../services/ports';
import { loadSharp } from '../sharp';
import { drawScene, HEIGHT, WIDTH } from './scene';

export const sampleRenderer: SampleRenderer = {
  classNames: ['bolt', 'nut', 'washer'],
  async draw(index, seed, path) {
    const { pixels, objects } = drawScene(index, seed);
    const sharp = await loadSharp();
    const jpeg = await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
    const unfinished = `${path}.tmp`;
    await mkdir(dirname(path), { recursive: true });
    try {
      await writeFile(unfinished, jpeg);
      await rename(unfinished, path);
    } finally {
      await rm(unfinished, { force: true });
    }
    return { width: WIDTH, height: HEIGHT, objects };
  },
};
