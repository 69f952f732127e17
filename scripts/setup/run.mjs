import { spawn, spawnSync } from 'node:child_process';

/** Is there such a program? */
export const has = (program, ...args) =>
  spawnSync(program, args.length ? args : ['--version'], { stdio: 'ignore' }).status === 0;

/**
 * Runs a program quietly. Resolves to `{ ok, log }`; `log` is what it printed, or why it could not run.
 * After `seconds` it is ended together with the processes it started.
 */
export function run(program, args, { cwd, env, seconds = 1800 } = {}) {
  return new Promise((done) => {
    const grouped = process.platform !== 'win32';
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: grouped,
      shell: !grouped && program.endsWith('.cmd'),
    });
    let log = '';
    const keep = (chunk) => (log = (log + chunk).slice(-20_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const end = () => {
      try {
        if (grouped) process.kill(-child.pid, 'SIGKILL');
        else child.kill();
      } catch {
        // It has ended by itself.
      }
    };
    const interrupted = () => {
      end();
      process.exit(130);
    };
    const timer = setTimeout(() => {
      keep(`\nended after ${seconds} s`);
      end();
    }, seconds * 1000);
    process.once('SIGINT', interrupted);
    process.once('SIGTERM', interrupted);
    const finish = (ok) => {
      clearTimeout(timer);
      process.removeListener('SIGINT', interrupted);
      process.removeListener('SIGTERM', interrupted);
      done({ ok, log: log.trim() });
    };
    child.on('error', (error) => {
      keep(error.message);
      finish(false);
    });
    child.on('close', (code) => finish(code === 0));
  });
}

/** npm itself: under `npm run` the running npm, else the one on the path. */
export function npm(args, options) {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.[cm]?js$/.test(script)) return run(process.execPath, [script, ...args], options);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options);
}

/** The last lines of a log: enough to see the cause. */
export const tail = (log, lines = 12) => log.split('\n').slice(-lines).join('\n');

/** Does this address answer soon? A company network often lets such a request hang instead of refusing it. */
export async function answers(address, seconds = 8) {
  try {
    const response = await fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(seconds * 1000) });
    return response.ok;
  } catch {
    return false;
  }
}
