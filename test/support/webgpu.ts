/** A GPU for tests: the machine's own, or the Vulkan on the processor that Electron ships. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { installedElectron } from '../../scripts/electron-path.mjs';
import { openEngine } from '../../src-main/engine/engines';

/** Makes Electron's software Vulkan the loader's driver, unless the environment names one. */
export function useSoftwareVulkan(): void {
  const electron = installedElectron();
  if (process.env.VK_ICD_FILENAMES !== undefined || electron === undefined) return;
  const driver = join(dirname(electron.executable), 'vk_swiftshader_icd.json');
  if (existsSync(driver)) process.env.VK_ICD_FILENAMES = driver;
}

useSoftwareVulkan();
const problem = await openEngine('webgpu').then(
  () => null,
  (error: unknown) => String((error as Error).message),
);

/** Runs a suite where WebGPU is; elsewhere it is shown as skipped, with the reason. */
export function describeOnWebGpu(name: string, suite: () => void): void {
  describe.skipIf(problem !== null)(problem === null ? name : `${name} (${problem})`, () => {
    beforeAll(async () => {
      await openEngine('webgpu');
      tf.engine().startScope();
    });
    afterAll(() => tf.engine().endScope());
    suite();
  });
}
