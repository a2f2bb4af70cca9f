/** Whose kinds they are: ours, somebody else's, or not there yet. */
import { type ClusterAccess, type ClusterCall, ClusterError } from '@flyball/platform/kubernetes';
import { beginLife, systemClock } from '@flyball/service';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { customResources } from './kinds.ts';
import { judgeKinds, servedKinds } from './served-kinds.ts';

const names = customResources.map(({ metadata }) => metadata.name);
const seen = (...marks: (boolean | undefined)[]) =>
  new Map(
    names.flatMap((name, at) => {
      const mark = marks[at];
      return mark === undefined ? [] : [[name, mark] as const];
    }),
  );

it.each([
  ['ours', seen(true, true, true), { kind: 'ours' }],
  ['missing', seen(), { kind: 'missing', names }],
  ['missing in part', seen(true, undefined, true), { kind: 'missing', names: [names[1]] }],
  ["somebody else's", seen(false, false, false), { kind: 'foreign', names }],
  // Adding ours to theirs would break what they serve.
  ["somebody else's in part", seen(false), { kind: 'foreign', names: [names[0]] }],
])('%s', (_whose, kinds, verdict) => {
  expect(judgeKinds(kinds)).toEqual(verdict);
});

/** Takes no kind the first two times, then all; tells what was taken as a watch does. */
const createBusyServer = (): ClusterAccess => {
  const told: string[] = [];
  let isStirred = Promise.withResolvers<void>();
  let refusals = 0;
  const take = (body: unknown): object => {
    refusals += 1;
    if (refusals <= 2) {
      const why = { retriable: true, status: 429 };
      throw new ClusterError('PLATFORM_UNREACHABLE', 'too many requests', why);
    }
    told.push(`${JSON.stringify({ type: 'ADDED', object: body })}\n`);
    isStirred.resolve();
    return {};
  };
  async function* watch(signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
    signal?.addEventListener('abort', () => isStirred.resolve(), { once: true });
    for (let at = 0; signal?.aborted !== true; ) {
      if (at < told.length) {
        yield Buffer.from(told[at] ?? '');
        at += 1;
      } else {
        await isStirred.promise;
        isStirred = Promise.withResolvers<void>();
      }
    }
  }
  const listed = { metadata: { resourceVersion: '1' }, items: [] };
  return {
    namespaces: [],
    api: () => {
      throw new Error('nobody asks by it');
    },
    request: async <Answer>({ method, body }: ClusterCall) =>
      (method === 'POST' ? take(body) : listed) as Answer,
    open: async ({ signal }) => Object.assign(watch(signal), { destroy: () => undefined }),
    close: async () => undefined,
  };
};

it('are installed as soon as the API server takes them', async () => {
  const living = beginLife({
    ...{ service: 'controller', instance: '1', logger: pino({ level: 'silent' }) },
    ...{
      clock: systemClock,
      random: Math.random,
      onCrash: (error) => expect.unreachable(String(error)),
    },
  });
  const { life } = living;
  const access = createBusyServer();
  const served = servedKinds({ access, config: { knativeServices: 'install' }, life });
  expect(await served).toBe(true);
  await living.drain();
});
