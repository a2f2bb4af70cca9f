/** The Tiltfile holds together: all that it names is there, and all that there is, is in it. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import {
  type Evaluated,
  type Evaluator,
  findProgram,
  openEvaluator,
  root,
} from './tiltfile-evaluator.ts';

const run = promisify(execFile);
const buildLimitMs = 320_000;

let opened: Evaluator | string;
let cannotRender: string | undefined;

beforeAll(async () => {
  opened = await openEvaluator();
  const renders = (await findProgram('kustomize')) ?? (await findProgram('kubectl'));
  if (renders === undefined) cannotRender = 'there is neither kustomize nor kubectl';
}, buildLimitMs);

type Skip = TestContext['skip'];

const evaluatorFor = (skip: Skip): Evaluator =>
  typeof opened === 'string' ? skip(opened) : opened;

const modes = [
  ['on this machine', ['--local']],
  ['on a cluster', []],
] as const;

const evaluate = async (skip: Skip, args: readonly string[]): Promise<Evaluated> => {
  const evaluator = evaluatorFor(skip);
  if (!args.includes('--local')) skip(cannotRender !== undefined, cannotRender);
  return await evaluator.evaluate(args);
};

const namesOf = ({ resources }: Evaluated): string[] => resources.map(({ name }) => name);

const services = readdirSync(join(root, 'services')).filter(
  (name) => name !== 'cli' && existsSync(join(root, 'services', name, 'src/main.ts')),
);

describe.each(modes)('%s', (_, args) => {
  it('every path that it names is there', async ({ skip }) => {
    const { paths } = await evaluate(skip, args);
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('every resource has a group, and nothing waits for itself', async ({ skip }) => {
    const { resources } = await evaluate(skip, args);
    expect(resources.filter(({ labels }) => (labels ?? []).length !== 1)).toEqual([]);
    const settled = new Set<string>();
    for (let before = -1; before !== settled.size; ) {
      before = settled.size;
      for (const { name, resource_deps } of resources) {
        if ((resource_deps ?? []).every((needed) => settled.has(needed))) settled.add(name);
      }
    }
    expect(resources.filter(({ name }) => !settled.has(name))).toEqual([]);
  });

  it('every script of tests can be run, and none runs by itself', async ({ skip }) => {
    const { resources } = await evaluate(skip, args);
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const tests = resources.filter(({ labels }) => labels?.includes('tests'));
    const wanted = Object.keys(scripts).filter((one) => one === 'check' || one.startsWith('test:'));
    expect(tests.map(({ cmd }) => cmd?.at(-1)).sort()).toEqual(wanted.sort());
    expect(tests.filter(({ auto_init }) => auto_init !== false)).toEqual([]);
  });

  it('what is tried has a button, which does the same', async ({ skip }) => {
    const { resources, objects } = await evaluate(skip, args);
    const tries = resources.filter(({ labels }) => labels?.includes('try'));
    expect(tries.map(({ name }) => name)).toEqual(expect.arrayContaining(['load', 'explain']));
    for (const { name, cmd } of tries) {
      const button = `button-${name}`;
      expect(objects).toContainEqual(expect.objectContaining({ kind: 'UIButton', name: button }));
      const command = objects?.find((one) => one.kind === 'Cmd' && one.name === button);
      expect(command?.args).toEqual(cmd);
    }
  });

  it('--only runs groups and resources, and refuses what is neither', async ({ skip }) => {
    const all = await evaluate(skip, args);
    const control = all.resources.filter(({ labels }) => labels?.includes('control'));
    expect(control.length).toBeGreaterThan(3);
    const { enabled } = await evaluate(skip, [...args, '--only=control', '--only', 'activator']);
    expect(enabled?.toSorted()).toEqual([...control.map(({ name }) => name), 'activator'].sort());
    await expect(evaluate(skip, [...args, '--only=controls'])).rejects.toThrow(
      /there is no such group or resource. Groups: control, .*Resources: activator, /,
    );
  });
});

it('on this machine every service of a laptop runs, as part of one Flyball', async ({ skip }) => {
  const evaluated = await evaluate(skip, ['--local']);
  const { stdout } = await run(process.execPath, [
    join(root, 'services/cli/src/main.ts'),
    ...['part', '--help'],
  ]);
  const choices = /choices:\s*([^)]*)\)/.exec(stdout)?.[1] ?? '';
  const parts = [...choices.matchAll(/"([a-z-]+)"/g)].map(([, name = '']) => name);
  expect(parts).toContain('decider');
  expect(namesOf(evaluated)).toEqual(expect.arrayContaining(parts));
  // The local-node starts it before each pod.
  const localNode = evaluated.resources.find(({ name }) => name === 'local-node');
  expect(localNode?.deps).toContain(join(root, 'services/queue-proxy/src'));
});

it('on a cluster every service has an image, and is updated without one', async ({ skip }) => {
  const { images, yaml } = await evaluate(skip, []);
  const refs = (images ?? []).map(({ ref }) => ref);
  const workloads = (yaml ?? []).flatMap((one) => one.images ?? []);
  const ours = workloads.filter((image) => image.startsWith('flyball/'));
  expect(refs).toEqual(expect.arrayContaining(ours.map((image) => image.split(':')[0])));
  const live = (images ?? []).filter(({ target }) => target === 'dev');
  expect(live.length).toBeGreaterThan(5);
  const workdir = /^WORKDIR (.*)$/m.exec(
    readFileSync(join(root, 'infra/docker/Dockerfile'), 'utf8'),
  )?.[1];
  for (const { ref, live_update, build_args } of live) {
    const service = build_args?.SERVICE ?? '';
    expect(ref).toBe(`flyball/${service}`);
    const synced = (live_update ?? []).flatMap(({ remote_path }) => remote_path ?? []);
    const folders = [
      'src',
      ...(existsSync(join(root, 'services', service, 'page')) ? ['page'] : []),
    ];
    expect(synced).toEqual([
      `${workdir}/libs`,
      ...folders.map((folder) => `${workdir}/services/${service}/${folder}`),
    ]);
  }
});

it('on a cluster what is tried reads the log there', async ({ skip }) => {
  const { resources } = await evaluate(skip, []);
  const tries = resources.filter(({ name, labels }) => labels?.includes('try') && name !== 'load');
  expect(tries.map(({ name }) => name)).toEqual(['explain', 'history', 'get', 'verify']);
  for (const { cmd } of tries) {
    const words = cmd?.slice(cmd.indexOf('--') + 1) ?? [];
    expect(words.slice(-2)[0]).toBe('--context');
    const main = join(root, 'services/cli/src/main.ts');
    // Understood whole: it only asks for help.
    await run(process.execPath, [main, ...words, '--help']);
  }
});

it('every service that is deployed runs in one of the two', async ({ skip }) => {
  const [local, cluster] = await Promise.all([evaluate(skip, ['--local']), evaluate(skip, [])]);
  const images = (cluster.images ?? []).map(({ ref }) => ref.replace('flyball/', ''));
  const ran = [...namesOf(local), ...images, 'queue-proxy'];
  const deployed = readFileSync(join(root, 'infra/kubernetes/rendered/production.yaml'), 'utf8');
  const isDeployed = (name: string): boolean => deployed.includes(` flyball/${name}:`);
  expect(services.filter(isDeployed).length).toBeGreaterThan(5);
  expect(services.filter((name) => isDeployed(name) && !ran.includes(name))).toEqual([]);
});

it('ports that are linked are those of the file', async ({ skip }) => {
  const { resources } = await evaluate(skip, ['--local']);
  const ports = JSON.parse(readFileSync(join(root, 'infra/tilt/ports.json'), 'utf8'));
  const known = [ports.gateway, ports.console, ...Object.values(ports.health), 16686].map(String);
  const linked = resources.flatMap(({ links }) => links ?? []).map(({ url }) => new URL(url).port);
  expect(linked.length).toBeGreaterThan(5);
  expect(linked.filter((port) => !known.includes(port))).toEqual([]);
});

it('the commands of the page on Tilt are ones that it takes', async ({ skip }) => {
  const page = readFileSync(join(root, 'docs/kubernetes/tilt.md'), 'utf8');
  const [block = ''] = /```sh\ntilt .*?```/s.exec(page) ?? [];
  const lines = block.split('\n').map((line) => line.replace(/\s+#.*/, ''));
  const args = lines.flatMap((line) => /^tilt up -- (.*)$/.exec(line)?.[1]?.split(' ') ?? []);
  expect(args.length).toBeGreaterThan(1);
  for (const arg of args) await evaluate(skip, [arg]);
  const triggered = lines.flatMap((line) => /^tilt trigger (.*)$/.exec(line)?.[1] ?? []);
  expect(triggered.length).toBeGreaterThan(1);
  for (const [, mode] of modes) {
    expect(namesOf(await evaluate(skip, mode))).toEqual(expect.arrayContaining(triggered));
  }
});

describe('the evaluator refuses what Tilt refuses', () => {
  const judge = async (skip: Skip, text: string): Promise<Evaluated> => {
    const evaluator = evaluatorFor(skip);
    const folder = await mkdtemp(join(tmpdir(), 'flyball-tiltfile-'));
    try {
      await writeFile(join(folder, 'Tiltfile'), text);
      return await evaluator.evaluate([], join(folder, 'Tiltfile'));
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  it('and takes what it takes', async ({ skip }) => {
    const { resources } = await judge(skip, "local_resource('a', 'true')\n");
    expect(resources).toMatchObject([{ name: 'a', cmd: ['sh', '-c', 'true'] }]);
  });

  it.for([
    ["local_resource('a', 'true'", "want ')'"],
    ["local_resources('a')", 'undefined: local_resources'],
    ["local_resource('a', cmds='true')", 'unexpected keyword argument "cmds"'],
    ["local_resource('a', 'true', auto_init=1)", 'want bool'],
    ["local_resource('a')", 'both were empty'],
    ["local_resource('a', 'true')\nlocal_resource('a', 'true')", 'multiple times'],
    ["local_resource('a', 'true', resource_deps=['b'])", 'unknown resource b'],
    ["local_resource('a', serve_cmd='x', readiness_probe=link('http://x'))", 'want probe'],
    ["k8s_resource('a')", 'unknown resource "a"'],
    ["docker_build('a', '.', dockerfile='D')", 'not used in any'],
    ["docker_build('a', '.', only=['x'], live_update=[sync('y', '/y')])", 'not in its only'],
    ["docker_build('a', '.', live_update=[sync('.', '/y'), fall_back_on('z')])", 'at the start'],
    ["config.set_enabled_resources(['a'])", 'could not be found'],
    ["load('./none.star', 'x')", 'none.star'],
    ["fail('no')", 'fail: no'],
  ] as const)('%j', async ([text, why], { skip }) => {
    await expect(judge(skip, `${text}\n`)).rejects.toThrow(why);
  });
});

it.for(modes)('Tilt itself takes it, %s', async ([, args], { skip }) => {
  const tilt = await findProgram('tilt');
  if (tilt === undefined) return skip('Tilt is not on PATH');
  const words = ['alpha', 'tiltfile-result', '--file', join(root, 'Tiltfile'), '--', ...args];
  const { stdout } = await run(tilt, words, { maxBuffer: 16_777_216 });
  expect(JSON.parse(stdout)).toMatchObject({ Error: null });
});
