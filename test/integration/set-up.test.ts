/** The set-up on machines that lack something: an old Node, a broken apt-get, a lock left over. */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const limitMs = 20_000;

/** A folder with the scripts alone, and one with the only programs that they find. */
let bare: string;
let programs: string;

beforeEach(async () => {
  bare = await mkdtemp(join(tmpdir(), 'flyball-set-up-'));
  programs = join(bare, 'programs');
  await mkdir(programs);
  await cp(join(root, 'scripts'), join(bare, 'scripts'), { recursive: true });
  // What this machine has in the usual places is not there.
  const places = join(bare, 'scripts/setup/places.mjs');
  const text = await readFile(places, 'utf8');
  await writeFile(places, text.replace(/const programFolders = \[[^\]]*\]/, '$&.slice(0, 0)'));
});
afterEach(() => rm(bare, { recursive: true, force: true }));

const program = async (name: string, script: string): Promise<void> => {
  await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(programs, name), 0o755);
};

interface Answer {
  /** The exit code, or the signal that ended it. */
  readonly ended: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

const node = (args: readonly string[]): Promise<Answer> =>
  new Promise((done) => {
    const options = { env: { PATH: programs }, timeout: limitMs };
    execFile(process.execPath, args, options, (error, stdout, stderr) =>
      done({ ended: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    );
  });

/** Runs statements with what a module of the set-up exports as `it`. */
const using = (module: string, statements: string): Promise<Answer> => {
  const url = JSON.stringify(join(bare, 'scripts/setup', module));
  return node(['--input-type=module', '-e', `const it = await import(${url});\n${statements}`]);
};

/** This Node, as if it were one that knows neither these names nor what they are for. */
const asOldNode = (version: string, args: readonly string[]): Promise<Answer> => {
  const preload = `import { registerHooks } from 'node:module';
    Object.defineProperty(process.versions, 'node', { value: '${version}' });
    registerHooks({ load(url, context, next) {
      const loaded = next(url, context);
      const unknown = /import\\.meta\\.(dir|file)name/g;
      const source = String(loaded.source).replaceAll(unknown, 'undefined');
      return loaded.format === 'module' ? { ...loaded, source } : loaded;
    } });`;
  return node(['--import', `data:text/javascript,${encodeURIComponent(preload)}`, ...args]);
};

describe.each(['run.mjs', 'setup.mjs'])('given an old Node, when it runs scripts/%s', (name) => {
  const script = () => join(bare, 'scripts', name);

  it('then Node 18 says which is needed', async () => {
    const { ended, stderr } = await asOldNode('18.19.0', [script(), 'demo']);
    expect(stderr).toBe('Node 18.19.0 runs this; Node 20 or newer is needed.\n');
    expect(ended).toBe(1);
  });

  it('then the first Node 20 does as it is told', async () => {
    const { ended, stderr } = await asOldNode('20.0.0', [script(), 'tset']);
    expect(stderr).toMatch(/"tset" is not a command here|was given tset/);
    expect(ended).toBe(64);
  });

  it('then one that cannot read the other scripts says so all the same', async () => {
    for (const other of ['run-verb.mjs', 'set-up-verb.mjs', 'setup/set-up.mjs']) {
      await writeFile(join(bare, 'scripts', other), 'syntax of another day');
    }
    const { stderr } = await asOldNode('14.0.0', [script()]);
    expect(stderr).toBe('Node 14.0.0 runs this; Node 20 or newer is needed.\n');
  });
});

describe('given no servers and an apt-get that fails', () => {
  beforeEach(async () => {
    await program('apt-get', 'echo "E: Could not get lock" >&2; exit 100');
    await program('sudo', '[ "$1" = -n ] && shift; exec "$@"');
    // The real machine's settings stay as they are.
    const script = `printf %s "$2" | /bin/sed 's,/usr/sbin/,${programs}/,'`;
    await program('sh', `set -- "$1" "$(${script})" "$3" "$4"; exec /bin/sh "$@"`);
    await program('rm', 'exec /bin/rm "$@"');
    await program('chmod', 'exec /bin/chmod "$@"');
  });
  const install = () =>
    using('servers.mjs', 'await it.installServers(false).catch((e) => console.log(e.message));');

  it('when servers are installed, then its words and the advice are told, no script', async () => {
    const { stdout } = await install();
    expect(stdout).toContain('apt-get install nats-server redis-server: exit code 1');
    expect(stdout).toContain('E: Could not get lock');
    expect(stdout).toMatch(/\nMissing: nats-server, redis-server\. Any one of these helps:\n/);
    expect(stdout).not.toContain('policy');
  });

  it('when there is brew, then that installs them', async () => {
    const serverOf = (name: string, says: string) =>
      `printf '#!/bin/sh\\necho "${says}"\\n' > ${programs}/${name}; chmod 755 ${programs}/${name}`;
    const servers = [serverOf('nats-server', 'n: v2.14.9'), serverOf('redis-server', 'r v=7.0.0')];
    await program('brew', servers.join('\n'));
    expect(await install()).toMatchObject({ ended: 0, stdout: '' });
    const found = JSON.parse(await readFile(join(bare, '.tools/servers.json'), 'utf8'));
    expect(found.redisServer.path).toBe(join(programs, 'redis-server'));
  });

  it('when only its lists cannot be renewed, then it installs what it knows', async () => {
    const marked = `echo "$*" >> ${programs}/asked`;
    await program('apt-get', `${marked}; case "$*" in *update*) exit 100;; esac`);
    const { stdout } = await using('apt.mjs', `console.log(await it.installWithApt(['one']));`);
    expect(stdout).toBe('\n');
    expect(await readFile(join(programs, 'asked'), 'utf8')).toMatch(/update.*\n.*install .*one\n/);
  });
});

describe('given the lock of the set-up', () => {
  const lock = () => join(bare, '.tools/setup.lock');
  const take = 'const release = await it.takeLock();';

  it('when its holder is told by ps, then the same in every language and time zone', async () => {
    await program('ps', 'echo "started in $LC_ALL $TZ"');
    const elsewhere = `Object.defineProperty(process, 'platform', { value: 'darwin' });
      Object.assign(process.env, { LC_ALL: 'de_DE.UTF-8', TZ: 'Europe/Berlin' });`;
    const kill = "process.kill(process.pid, 'SIGKILL');";
    await using('lock.mjs', `${elsewhere} ${take} ${kill}`);
    expect(await readFile(lock(), 'utf8')).toMatch(/^\d+ started in C UTC$/);
  });

  it('when its holder was killed and another has its pid, then the next takes it', async () => {
    await using('lock.mjs', `${take} process.kill(process.pid, 'SIGKILL');`);
    const left = await readFile(lock(), 'utf8');
    await writeFile(lock(), left.replace(/^\d+/, String(process.pid)));
    expect(await using('lock.mjs', take)).toMatchObject({ ended: 0, stderr: '' });
  });

  it('when its holder lives, then the next waits until it is given back', async () => {
    const script = `${take}
      const { spawn } = await import('node:child_process');
      const second = ${JSON.stringify('import(process.argv[1]).then((it) => it.takeLock())')};
      const args = ['-e', second, ${JSON.stringify(join(bare, 'scripts/setup/lock.mjs'))}];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      child.stderr.once('data', (told) => { console.log(String(told)); release(); });
      child.once('exit', (code) => console.log('ended', code));`;
    const { stdout } = await using('lock.mjs', script);
    expect(stdout).toMatch(/^Another set-up is running here; waiting for it …\s+ended 0\n$/);
  });

  it('when it was given back and another has it, then the end of the first leaves it', async () => {
    const path = JSON.stringify(lock());
    const another = `(await import('node:fs')).writeFileSync(${path}, 'another');`;
    await using('lock.mjs', `${take} release(); ${another}`);
    expect(await readFile(lock(), 'utf8')).toBe('another');
    await rm(lock());
    await using('lock.mjs', `${take} ${another}`);
    expect(await readFile(lock(), 'utf8')).toBe('another');
  });
});
