/** `flyball` as a process: exit codes, standard input, and an output that nobody reads. */
import assert from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { configYaml, deploymentYaml } from './testing/written-files.ts';

const main = join(import.meta.dirname, 'main.ts');

const start = (words: readonly string[]) => spawn(process.execPath, [main, ...words]);

/** Runs it to its end, with a text as standard input. */
const flyball = async (words: readonly string[], input = '') => {
  const child = start(words);
  child.stdin.on('error', () => undefined).end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
};

it('names a verb that does not exist, also where its help is asked for', async () => {
  const { code, stdout, stderr } = await flyball(['exlain', '--help']);
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  expect(stderr).toMatch(/^error: unknown command 'exlain'\n\(Did you mean explain\?\)\n/);
});

it.each([
  [['apply'], 64],
  [['replay', 'help', 'state'], 0],
])('ends %j with exit code %i', async (words, expected) => {
  expect((await flyball(words)).code).toBe(expected);
});

const hasFullDevice = existsSync('/dev/full');

it.skipIf(!hasFullDevice)(
  'fails where its results cannot be written, also the last of them',
  async () => {
    const full = await open('/dev/full', 'w');
    const child = spawn(process.execPath, [main, 'policy', '-f', '-'], {
      stdio: ['pipe', full.fd, 'pipe'],
    });
    assert(child.stdin !== null && child.stderr !== null);
    child.stdin.end(deploymentYaml('web'));
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    await full.close();
    expect(stderr).toMatch(/The results cannot be written: ENOSPC/);
    expect(code).toBe(69);
  },
);

/** Ends it when Kubernetes' client is loaded, which takes longer than most verbs. */
const endAtClient = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ load: (url, context, next) => {
    if (url.includes('/client-node/')) process.exit(99);
    return next(url, context);
  } });
`)}`;

it.each([
  [['get', '--nats', 'nowhere:x'], 64],
  [['get', '--kubeconfig', 'nowhere'], 99],
])('loads what clusters need only for a cluster: %j ends with %i', async (words, expected) => {
  const child = spawn(process.execPath, ['--import', endAtClient, main, ...words]);
  const [code] = await once(child, 'close');
  expect(code).toBe(expected);
});

describe('-f -', () => {
  it('reads workloads from standard input', async () => {
    const { code, stdout, stderr } = await flyball(['policy', '-f', '-'], deploymentYaml('web'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('default/web  (Deployment in standard input:1)');
  });

  it('tells their mistakes', async () => {
    const { code, stderr } = await flyball(
      ['lint', '-f', '-'],
      configYaml({ 'stable-window': '1s' }),
    );
    expect(code).toBe(1);
    expect(stderr).toContain('standard input:1:');
  });

  it('ends at Ctrl-C while it waits for them', async () => {
    const child = start(['lint', '-f', '-', 'nowhere.yaml']);
    const stderr = text(child.stderr);
    // More than fits into the pipe: when it has drained, the command reads.
    if (!child.stdin.write(`# ${'x'.repeat(1_000_000)}\n`)) await once(child.stdin, 'drain');
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect({ code, stderr: await stderr }).toEqual({ code: 130, stderr: '' });
  });
});

it('ends quietly and well when nobody reads on', async () => {
  const child = start(['lint', '-f', '-', '-o', 'json']);
  const stderr = text(child.stderr);
  child.stdout.destroy();
  child.stdin.end(deploymentYaml('web'));
  const [code] = await once(child, 'close');
  expect({ code, stderr: await stderr }).toEqual({ code: 0, stderr: '' });
});
