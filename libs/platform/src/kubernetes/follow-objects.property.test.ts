/** Whatever is written and whatever breaks, what is told folds into what is there. */
import type { KubernetesObject } from '@kubernetes/client-node';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { connectCluster } from './cluster-access.ts';
import { createObjectCache } from './object-cache.ts';
import { type CollectionServer, startCollectionServer } from './testing/collection-server.ts';

type Act = (server: CollectionServer) => void;

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const name = fc.constantFrom(...names);
const failure = fc.constantFrom(
  { status: 500 },
  { status: 429 },
  { status: 410 },
  { status: 0, reset: true },
);
const asked = fc.constantFrom('list' as const, 'page' as const, 'watch' as const);

/** Each with the words by which a failure prints it. */
const act: fc.Arbitrary<readonly [string, Act]> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(name, fc.nat(99)).map(([one, data]) => write(one, data)) },
  { weight: 2, arbitrary: name.map((one) => acting(`remove ${one}`, (s) => s.remove(one))) },
  fc.constantFrom(
    acting('end', (s) => s.endWatches()),
    acting('reset', (s) => s.resetWatches()),
    acting('bookmark', (s) => s.bookmark()),
    acting('compact, told by an answer', (s) => s.compact('answer')),
    acting('compact, told by an event', (s) => s.compact('event')),
    acting('half a line, end', (s) => halfLine(s, () => s.endWatches())),
    acting('half a line, reset', (s) => halfLine(s, () => s.resetWatches())),
    acting('another history', (s) => {
      s.startOver({ a: 'backup', z: 'backup' });
      s.resetWatches();
    }),
  ),
  fc
    .tuple(asked, failure)
    .map(([kind, how]) => acting(`${kind} fails: ${how.status}`, (s) => s.fail(kind, how))),
);

function acting(words: string, doing: Act): readonly [string, Act] {
  return [words, doing];
}

function write(one: string, data: number): readonly [string, Act] {
  return acting(`write ${one}`, (s) => s.write(one, String(data)));
}

function halfLine(server: CollectionServer, then: () => void): void {
  server.say('{"type":"DELETED","object":{"metadata":{"name":"a"');
  then();
}

/** How many acts there are before the next pause of the test. */
const story = fc.array(fc.tuple(act, fc.boolean()), { minLength: 1, maxLength: 25 });

test('a cache holds what the server has, in the end', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(story, async (acts) => {
      await using server = await startCollectionServer(3);
      const access = connectCluster({ kubeconfig: server.kubeconfig, namespaces: [] });
      const cache = createObjectCache<KubernetesObject & { data: string }, [string, string]>({
        ...{ access, retryMinMs: 1, retryMaxMs: 4, what: { path: '/api/v1/things' } },
        trim: ({ metadata, data }) => [metadata?.name ?? '', data],
      });
      // Who only listens must come to the same as who asks.
      const told = new Map<string, string>();
      cache.onChange((change) => {
        if (change.kind === 'kept') told.set(...change.object);
        if (change.kind === 'gone') told.delete(change.before[0]);
      });
      const ending = new AbortController();
      const following = cache.follow(ending.signal);
      for (const [[, doing], pauses] of acts) {
        doing(server);
        if (pauses) await new Promise((resolve) => setTimeout(resolve, 2));
      }
      const isSame = () => {
        const there = [...server.objects].map(([key, { data }]) => [key, data]);
        expect(Object.fromEntries(cache.values())).toEqual(Object.fromEntries(there));
        expect(Object.fromEntries(told)).toEqual(Object.fromEntries(there));
        expect(cache.isSynced()).toBe(true);
      };
      await vi.waitFor(isSame, { timeout: 10_000, interval: 2 });
      ending.abort();
      await following;
      await access.close();
    }),
    { seed: 20_261_122, numRuns: 60 },
  );
});
