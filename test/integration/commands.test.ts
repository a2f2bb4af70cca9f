/** The commands of `npm run`: help without a set-up, and a quiet end when nobody reads on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** A folder with the scripts, and nothing installed but what a test links into it. */
let bare: string;

beforeAll(async () => {
  bare = await mkdtemp(join(tmpdir(), 'flyball-commands-'));
  await cp(join(root, 'scripts'), join(bare, 'scripts'), { recursive: true });
  for (const name of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    await cp(join(root, name), join(bare, name));
  }
});

afterAll(() => rm(bare, { recursive: true }));

const answerOf = async (command: readonly string[], isRead = true) => {
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = text(child.stderr);
  const told = isRead ? text(child.stdout) : '';
  if (!isRead) child.stdout.destroy();
  const [code] = await once(child, 'close');
  return { code, stdout: await told, stderr: await said };
};

describe('where nothing is installed', () => {
  const run = (...words: string[]) => answerOf([join(bare, 'scripts/run.mjs'), ...words]);

  it.each(['test', 'check', 'generate'])('%s --help tells what it does', async (name) => {
    const { code, stdout, stderr } = await run(name, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^npm (run )?${name}\n`));
  });

  it('a command without options refuses some, and runs nothing', async () => {
    const { code, stderr } = await run('test', 'libs/domain');
    expect(code).toBe(64);
    expect(stderr).toMatch(/^It takes no options, and was given libs\/domain\.\n/);
  });

  it('a command that does not exist is named, with those that do', async () => {
    const { code, stderr } = await run('tset');
    expect(code).toBe(64);
    expect(stderr).toContain('"tset" is not a command here. Known: flyball, demo,');
  });

  it('the set-up tells its options', async () => {
    const { code, stdout } = await answerOf([join(bare, 'scripts/setup.mjs'), '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^npm run setup /);
    expect((await answerOf([join(bare, 'scripts/setup.mjs'), '--tset'])).code).toBe(64);
  });

  it('nothing is installed by any of that', async () => {
    expect(await readdir(bare)).not.toContain('.tools');
  });
});

it('the help of what needs servers comes without them', async () => {
  for (const name of ['libs', 'node_modules', 'services']) {
    await symlink(join(root, name), join(bare, name));
  }
  const tools = join(bare, '.tools');
  await mkdir(tools);
  await symlink(join(root, '.tools/pnpm'), join(tools, 'pnpm'));
  await cp(join(root, '.tools/install.stamp'), join(tools, 'install.stamp'));
  // Else the set-up would install over the packages that are linked here.
  const isReady = `import(${JSON.stringify(join(bare, 'scripts/setup/packages.mjs'))})
    .then(({ packagesReady }) => process.exit(packagesReady() ? 0 : 1))`;
  expect((await answerOf(['-e', isReady])).code, 'npm run setup must have been said').toBe(0);
  const { code, stdout } = await answerOf([join(bare, 'scripts/run.mjs'), 'demo', '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Usage: flyball demo /);
  expect((await readdir(tools)).sort()).toEqual(['install.stamp', 'pnpm']);
});

describe('when nobody reads on', () => {
  it.each([
    ['test/faults/main.ts', '--list'],
    ['test/mutation/main.ts', '--list'],
    ['test/bench/main.ts', '--help'],
    ['scripts/run.mjs', 'check', '--help'],
  ])('%s %s ends quietly', async (...words) => {
    const [script = '', ...args] = words;
    const { code, stderr } = await answerOf([join(root, script), ...args], false);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('the tests end as well, and not as if they had passed', async () => {
    const words = ['run', '--project', 'house', 'test/house/decisions.test.ts'];
    const { code, stderr } = await answerOf([join(root, 'scripts/vitest.mjs'), ...words], false);
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
  });
});
