import { spawn } from 'node:child_process';
import { say } from './setup/say.mjs';

/** A display for tests that open a window: the one there is, else an Xvfb of our own. `{ env, close }`. */
export async function openDisplay() {
  const none = { env: {}, close: () => {} };
  if (process.platform !== 'linux' || process.env.DISPLAY) return none;
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = await new Promise((done) => {
    server.on('error', () => done(undefined));
    server.on('exit', () => done(undefined));
    server.stdio[3].once('data', (data) => done(String(data).trim()));
  });
  if (!number) {
    say(
      'There is no display and Xvfb could not start: tests that open a window will fail (Debian: apt-get install xvfb)',
    );
    return none;
  }
  const close = () => server.kill();
  process.once('exit', close);
  return { env: { DISPLAY: `:${number}` }, close };
}
