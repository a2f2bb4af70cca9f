/** A workload of another class is told of, not called unknown. */
import { OutsideError } from '@flyball/contracts';
import type { Reader } from '@flyball/reading';
import { RecordedStory } from '@flyball/reading/testing';
import { describe, expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { showWorkloads } from '../verbs/get.ts';
import { showPolicy } from '../verbs/policy.ts';

const signal = new AbortController().signal;
const seen = {
  ...{ uid: 'u-1', resourceVersion: '1', replicas: 2, fieldManager: 'me', reachable: true },
  ...{ containerConcurrency: 0, timeoutSeconds: 300, createdAtMs: 0, hosts: [] },
};
const classKey = 'autoscaling.knative.dev/class';

const withPlatform = async (platform: Reader['platform']): Promise<Reader> => ({
  ...(await new RecordedStory().begin()).reader,
  platform,
});

const platform: Reader['platform'] = {
  config: async () => undefined,
  pods: async () => [],
  workloads: async () => [
    {
      ...seen,
      workload: 'default/hpa',
      annotations: { [classKey]: 'hpa.autoscaling.knative.dev' },
    },
    { ...seen, workload: 'default/other', annotations: { [classKey]: 'mine.example.com' } },
    { ...seen, workload: 'default/web', annotations: {} },
  ],
};

const hpaSentence =
  'default/hpa is left alone: by class hpa.autoscaling.knative.dev a HorizontalPodAutoscaler ' +
  'scales it, which needs a cluster; it keeps its 2 replicas.';
const data = { data: 'unused', output: 'text' } as const;

describe('a workload of another class', () => {
  it('stands below the table', async () => {
    const terminal = captureTerminal();
    const options = { ...data, watch: false, workload: undefined };
    const code = await showWorkloads({ terminal, signal }, await withPlatform(platform), options);
    expect(code).toBe(0);
    expect(terminal.notes).toEqual([
      hpaSentence,
      expect.stringMatching(/^default\/other is left alone: by class mine\.example\.com another/),
    ]);
  });

  it('is explained when it is named', async () => {
    const terminal = captureTerminal();
    const options = { ...data, workload: 'default/hpa' } as const;
    expect(await showPolicy({ terminal, signal }, await withPlatform(platform), options)).toBe(1);
    expect(terminal.notes).toEqual([hpaSentence]);
  });

  it('is not told of while the platform is away', async () => {
    const away = () =>
      Promise.reject(new OutsideError('PLATFORM_UNREACHABLE', 'away', { retriable: true }));
    const reader = await withPlatform({ config: away, workloads: away, pods: away });
    const terminal = captureTerminal();
    const options = { ...data, watch: false, workload: 'default/hpa' } as const;
    expect(await showWorkloads({ terminal, signal }, reader, options)).toBe(1);
    expect(terminal.notes.join()).toContain('No workload default/hpa is recorded here.');
  });
});
