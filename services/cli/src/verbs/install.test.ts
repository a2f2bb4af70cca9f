import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { addInstall } from '../commands/installing.ts';
import { exitCode, type Verb } from '../context.ts';
import { captureTerminal } from '../testing/captured-terminal.ts';

/** Runs the words of a command line as `flyball` does. */
const run = async (line: string) => {
  const terminal = captureTerminal();
  let code: number | undefined;
  let usage = '';
  const program = new Command('flyball').exitOverride().configureOutput({
    writeErr: (text) => {
      usage += text;
    },
  });
  const given: Parameters<typeof addInstall>[1] = async (verb: Verb) => {
    const signal = new AbortController().signal;
    code = await verb({ terminal, env: {}, signal, input: async () => '' });
  };
  addInstall(program, given);
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  const words = line.split(' ').filter((word) => word !== '');
  await program.parseAsync(words, { from: 'user' }).catch(() => undefined);
  return { code, usage, stdout: terminal.lines.join('\n'), stderr: terminal.notes.join('\n') };
};

describe('install --print', () => {
  it('prints documents that read back as the objects, the same each time', async () => {
    const { code, stdout, stderr } = await run('install --print');
    expect(code).toBe(exitCode.ok);
    expect(stderr).toContain('The images are flyball/SERVICE');
    const documents = parseAllDocuments(stdout, { version: '1.1' });
    const kinds = documents.map((document) => String(document.get('kind')));
    expect(kinds[0]).toBe('Namespace');
    expect(kinds.filter((kind) => kind === 'Deployment').length).toBeGreaterThan(5);
    expect((await run('install --print')).stdout).toBe(stdout);
  });

  it('says which images it names, and how to name others, unless they were chosen', async () => {
    const { stdout, stderr } = await run('install --print');
    expect(stdout).toContain('image: flyball/watcher:');
    expect(stderr).toBe(
      'The images are flyball/SERVICE, which no public registry has: nodes must have them ' +
        'already. --images REGISTRY/PREFIX names others.',
    );
    expect((await run('install --print --images r.example.com/flyball')).stderr).toBe('');
    expect((await run('install --print --images flyball')).stderr).toBe('');
  });

  it('prints what was chosen', async () => {
    const chosen = '--overlay dev --namespace scaling --images r.example.com/f --tag 7';
    const { stdout } = await run(`install --print ${chosen} --domain apps.example.org`);
    expect(stdout).toContain('image: r.example.com/f/watcher:7\n');
    expect(stdout).toContain('value: apps.example.org\n');
    expect(stdout).toContain('image: jaegertracing/jaeger:');
    expect(stdout).not.toContain('flyball-system');
  });
});

it('install alone says how it is applied', async () => {
  const { code, stdout, stderr } = await run('install');
  expect({ code, stdout }).toEqual({ code: exitCode.usage, stdout: '' });
  expect(stderr).toContain('flyball install --print | kubectl apply --server-side -f -');
});

it.each([
  ['--overlay prod', 'Allowed choices are production, dev'],
  ['--namespace kube-system', 'kube-system is not ours; allowed: a namespace of its own.'],
  ['--namespace Scaling', 'allowed: a namespace: up to 63 of a-z, 0-9 and -, not - first or last.'],
  ['--images https://r.example.com/', 'allowed: where images are, without a service and a tag'],
  ['--tag a/b', 'allowed: a tag of an image: up to 128 letters, digits, _, . and -.'],
  ['--domain *.example.com', 'allowed: a DNS name in lower case.'],
  ['--namespaces a,,b', 'allowed: namespaces with commas between: each up to 63 of a-z'],
  ['--knative-services yes', 'Allowed choices are install, serve, off.'],
  ['--opt-in none', 'Allowed choices are annotated, all.'],
])('%s is refused in words', async (option, told) => {
  const { code, stdout, usage } = await run(`install --print ${option}`);
  expect({ code, stdout }).toEqual({ code: undefined, stdout: '' });
  expect(usage).toContain(told);
});
