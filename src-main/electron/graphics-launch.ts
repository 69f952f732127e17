/** Starting graphics processes, and what WebGPU is in one. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { app } from 'electron';
import { runComputeJob } from '../services/compute-jobs';
import type { ComputeLauncher, WebGpuReport } from '../services/ports';
import { followChild } from '../workers/child-launcher';
import { GRAPHICS_SWITCH } from './graphics-process';

/** Starting, looking for a GPU and compiling a first program takes a second or two; a driver that hangs must not keep a job waiting. */
const REPORT_MILLISECONDS = 30_000;

/**
 * Set to `1` or `named`, graphics processes have the software Vulkan that Chromium brings, and no other GPU: for tests. With `1`
 * the automatic choice takes it too (src-main/engine/engines-webgpu.ts).
 */
const SOFTWARE = 'SSD_STUDIO_SOFTWARE_GPU';

/** @param environment added to this process's own, which wins */
export function graphicsLauncher(environment: Readonly<Record<string, string>>): ComputeLauncher {
  return {
    launch(job, listener) {
      const child = spawn(process.execPath, [...(app.isPackaged ? [] : [app.getAppPath()]), ...switches()], {
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        // Ctrl-C in a terminal is for the window, which lets a training reach its checkpoint.
        detached: process.platform !== 'win32',
        env: { ...environment, ...process.env },
      });
      return followChild(child, { kind: 'job', job }, listener);
    },
  };
}

function switches(): string[] {
  const linux = process.platform === 'linux';
  return [
    `--${GRAPHICS_SWITCH}`,
    `--user-data-dir=${join(app.getPath('userData'), 'graphics')}`,
    ...(app.commandLine.hasSwitch('no-sandbox') ? ['--no-sandbox'] : []),
    // Our own programs run there, no web page's: GPUs that Chromium holds back from the web are welcome, and tell their names.
    '--enable-unsafe-webgpu',
    '--enable-webgpu-developer-features',
    // Of two GPUs the faster one, also where Chromium does not heed what a page asks for.
    '--force_high_performance_gpu',
    // A program may take long.
    '--disable-gpu-watchdog',
    // Chromium on Linux has WebGPU only where it draws with Vulkan, and that only under X.
    ...(linux ? ['--enable-features=Vulkan'] : []),
    ...(linux && process.env['DISPLAY'] ? ['--ozone-platform=x11'] : []),
    ...(process.env[SOFTWARE] ? ['--use-webgpu-adapter=swiftshader', '--use-vulkan=swiftshader'] : []),
  ];
}

/** Never throws: what goes wrong is why it is not ready. */
export async function askForWebGpu(launcher: ComputeLauncher): Promise<WebGpuReport> {
  const late = AbortSignal.timeout(REPORT_MILLISECONDS);
  try {
    return (await runComputeJob(launcher, { kind: 'webgpu' }, late)).report;
  } catch (error) {
    const why = late.aborted ? `gave no answer in ${REPORT_MILLISECONDS / 1000} seconds` : 'ended without an answer';
    const said = late.aborted ? '' : `: ${(error as Error).message.replace(/\.$/, '')}`;
    return { ready: false, detail: `the process that asks Chromium for WebGPU ${why}${said}`, help: null };
  }
}
