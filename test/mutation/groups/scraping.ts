/** What keeps pods and pages that do not answer from hiding what the others tell. */
import { inFile, type MutationGroup } from '../mutation.ts';

const service = 'services/collector/src';
const inAsking = inFile(`${service}/ask-pods.ts`);

export const scraping: MutationGroup = {
  name: 'scraping',
  about: 'who does not answer costs its own turn only, and is heard when it answers again',
  runs: [
    {
      project: 'story',
      files: ['scrape-source', 'silent-pages', 'kept-connections'].map(
        (test) => `${service}/${test}.test.ts`,
      ),
    },
  ],
  mutations: [
    inAsking(
      'silent-pods',
      'a pod that is known to be silent is waited for though others stand by',
      '[...order.filter((pod) => !silent.has(pod)), ...silent];',
      '[...order];',
    ),
    inAsking(
      'silent-pods',
      'a pod that was silent once is never asked again while others stand in for it',
      '  for (const pod of beside) void ask(pod, withinMs);\n',
      '',
    ),
    inAsking(
      'silent-pods',
      'nobody is asked in the place of one that refuses',
      'leftMs < leastMs ? undefined : waiting.shift();',
      'undefined;',
    ),
    inFile(`${service}/page-reader.ts`)(
      'silent-pods',
      'who answers waits behind those that are known to be silent',
      'isLast ? lastTurn(ask) : turn(ask)',
      'turn(ask)',
    ),
    inFile(`${service}/kept-connections.ts`)(
      'gone-pods',
      'something is kept of each pod that was silent when it went',
      'queueMicrotask(() => letGo(origin, client));',
      'letGo(origin, client);',
    ),
    inFile(`${service}/silent-pages.ts`)(
      'silent-pods',
      'the same few of many silent pods take all turns',
      'return monotonicMs() - askedAtMs < restMs;',
      'return monotonicMs() - askedAtMs > restMs * 1_000;',
    ),
  ],
};
