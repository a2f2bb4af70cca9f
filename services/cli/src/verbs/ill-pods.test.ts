/** Pods that cannot run are told of wherever their workload is asked about. */
import { OutsideError } from '@flyball/contracts';
import type { Reader } from '@flyball/reading';
import { RecordedStory, storyWorkload } from '@flyball/reading/testing';
import { describe, expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { showExplanation } from '../verbs/explain.ts';
import { showWorkloads } from '../verbs/get.ts';

const signal = new AbortController().signal;
const pod = {
  ...{ workload: storyWorkload, address: null, metricsAddress: null },
  ...{ ready: false, createdAtMs: 0 },
};
const crashed = {
  ...pod,
  pod: 'web-1',
  unreadyReason: 'crashed',
  message: 'exit code 1:\nError: no luck',
} as const;
const starting = { ...pod, pod: 'web-2', unreadyReason: null, message: '' } as const;
const illSentence = 'default/web: of 2 pods 1 cannot run. web-1: exit code 1: Error: no luck';

const notesOf = async (pods: NonNullable<Reader['platform']>['pods']) => {
  const story = await new RecordedStory().begin();
  const platform = { config: async () => undefined, workloads: async () => [], pods };
  const reader = { ...story.reader, platform };
  const [got, explained] = [captureTerminal(), captureTerminal()];
  const options = { data: 'unused', output: 'text', workload: storyWorkload } as const;
  const shown = { ...options, watch: false };
  expect(await showWorkloads({ terminal: got, signal }, reader, shown)).toBe(0);
  expect(await showExplanation({ terminal: explained, signal }, reader, options)).toBe(0);
  return [got.notes, explained.notes];
};

describe('pods that cannot run', () => {
  it('are told of by get and explain, with the reason', async () => {
    expect(await notesOf(async () => [crashed, starting])).toEqual([[illSentence], [illSentence]]);
  });

  it('are no pods that start, nor those of another workload', async () => {
    const others = { ...crashed, workload: 'default/other' } as const;
    expect(await notesOf(async () => [starting, others])).toEqual([[], []]);
  });

  it('are not told of while the platform is away', async () => {
    const away = () =>
      Promise.reject(new OutsideError('PLATFORM_UNREACHABLE', 'away', { retriable: true }));
    expect(await notesOf(away)).toEqual([[], []]);
  });
});
