/** docs/cli.md names every verb, every option, and every field of the JSON output. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { complaintSchema } from '@flyball/knative';
import type { Reader } from '@flyball/reading';
import { tellStory, storyWorkload as workload } from '@flyball/reading/testing';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import type { Terminal } from '../output/terminal.ts';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { storyTraceId, tellColdStart } from '../testing/traced-story.ts';
import { deploymentYaml, inputOf, writeFiles } from '../testing/written-files.ts';
import { findTraces, readRecordedTrace } from '../traces/find-recorded.ts';
import { showExplanation } from '../verbs/explain.ts';
import { showWorkloads } from '../verbs/get.ts';
import { showPolicy } from '../verbs/policy.ts';
import { policyOfFiles } from '../verbs/policy-files.ts';
import { showVerification } from '../verbs/replay-verify.ts';
import { addReadingCommands } from './reading.ts';
import { addRunningCommands } from './running.ts';
import { addSourceOptions } from './source-options.ts';

const text = readFileSync(join(import.meta.dirname, '../../../../docs/cli.md'), 'utf8');
const [general = '', ...sections] = text.split(/^### /m);

const program = new Command('flyball');
addRunningCommands(program, async () => undefined);
addReadingCommands(program, async () => undefined);

/** Told once for all verbs that read a log. */
const ofSource = addSourceOptions(new Command()).options.map(({ long }) => long ?? '');

const verbs = program.commands.flatMap((command) =>
  command.commands.length === 0
    ? [{ name: command.name(), command }]
    : command.commands.map((sub) => ({ name: `${command.name()} ${sub.name()}`, command: sub })),
);

it.each(verbs)('$name and its options', ({ name, command }) => {
  const section = sections.find((one) => one.split('\n')[0]?.includes(`\`${name}`)) ?? '';
  expect(section).not.toBe('');
  const readsLog = command.options.some(({ long }) => long === '--nats');
  const elsewhere = ['--output', '--data', ...(readsLog ? ofSource : [])];
  for (const { long } of command.options) {
    // `all` has the options of `up`, and both are told in one section.
    if (!elsewhere.includes(long ?? '')) expect(section).toContain(long);
  }
});

it('which Flyball is read', () => {
  expect(ofSource.filter((option) => !general.includes(`\`${option}`))).toEqual([]);
});

type Show = (
  context: { readonly terminal: Terminal; readonly signal: AbortSignal },
  reader: Reader,
) => Promise<number>;

const options = { data: 'unused', output: 'json', workload } as const;

const shows: readonly (readonly [string, Show])[] = [
  ['get', (context, reader) => showWorkloads(context, reader, { ...options, watch: false })],
  ['explain', (context, reader) => showExplanation(context, reader, options)],
  ['policy', (context, reader) => showPolicy(context, reader, options)],
  ['replay verify', (context, reader) => showVerification(context, reader, options)],
];

/** Field names of two levels: what is deeper is told in words. */
const fieldsOf = (value: unknown, depth = 2): string[] => {
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  if (Array.isArray(value)) return fieldsOf(value[0], depth);
  return Object.entries(value).flatMap(([key, inner]) => [key, ...fieldsOf(inner, depth - 1)]);
};

const missingIn = (section: string, told: unknown): string[] =>
  fieldsOf(told).filter((field) => !new RegExp(`\\b${field}\\b`).test(section));

it('every field of policy -f -o json, and of a complaint', async () => {
  await using files = await writeFiles({ 'web.yaml': deploymentYaml('web') });
  const terminal = captureTerminal();
  await policyOfFiles(
    { terminal, input: inputOf() },
    { file: [files.pathOf('web.yaml')], output: 'json' },
  );
  const [{ values, ...told }] = JSON.parse(terminal.lines.join('\n'));
  expect(values).toBeDefined();
  const sectionOf = (verb: string) => sections.find((one) => one.startsWith(`\`${verb} `)) ?? '';
  expect(missingIn(sectionOf('policy'), told)).toEqual([]);
  const complaint = Object.fromEntries(Object.keys(complaintSchema.shape).map((key) => [key, 0]));
  expect(missingIn(sectionOf('apply'), complaint)).toEqual([]);
});

it.each(shows)('every field of %s -o json', async (name, show) => {
  const terminal = captureTerminal();
  const { reader } = await tellStory();
  await show({ terminal, signal: new AbortController().signal }, reader);
  const told = JSON.parse(terminal.lines.join('\n'));
  if (name === 'policy') delete told.values;
  const section = sections.find((one) => one.startsWith(`\`${name} `)) ?? '';
  expect(missingIn(section, told)).toEqual([]);
});

it('every field of trace -o json, of a list and of one', async () => {
  const { reader } = await tellColdStart();
  const { signal } = new AbortController();
  const [found] = await findTraces(reader, storyTraceId, { workload, signal });
  const told = found && (await readRecordedTrace(reader, found, signal));
  const section = sections.find((one) => one.startsWith('`trace ')) ?? '';
  const { attributes: _, ...span } = told?.spans[0] ?? { attributes: {} };
  expect(fieldsOf(told).length).toBeGreaterThan(10);
  expect(missingIn(section, { ...told, spans: [span] })).toEqual([]);
  expect(missingIn(section, told?.summary)).toEqual([]);
});
