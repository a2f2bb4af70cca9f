/** What protects a request: it is held within limits, ends once, and is told. */
import { inFile, type MutationGroup } from '../mutation.ts';

const inQueue = inFile('libs/proxy/src/holding-queue.ts');
const inBudget = inFile('libs/proxy/src/holding-budget.ts');
const inLedger = inFile('libs/domain/src/activator/ledger.ts');
const inOutbox = inFile('services/activator/src/outbox.ts');
const inCounts = inFile('services/activator/src/request-events.ts');
const inDrain = inFile('services/activator/src/drain.ts');
const inUrgent = inFile('services/activator/src/urgent.ts');
const inActivators = inFile('services/watcher/src/activators.ts');

export const requests: MutationGroup = {
  name: 'requests',
  about: 'each request is held within limits, ends once, and is in the ledger',
  runs: [
    {
      project: 'story',
      files: [
        'libs/domain/src/activator',
        'libs/proxy/src/holding-queue.property.test.ts',
        'libs/proxy/src/holding.test.ts',
        'services/activator/src',
        'services/watcher/src/activators.test.ts',
      ],
    },
  ],
  mutations: [
    inQueue(
      'queue-limit',
      'one workload holds requests without a limit',
      'if (ledger.waiting >= requestsMax) return this.#shedOnArrival(item);',
      '',
    ),
    inQueue(
      'queue-limit',
      'all workloads together hold requests without a limit',
      'if (!budget.take(item.heldBytes)) return this.#shedOnArrival(item);',
      'budget.take(item.heldBytes);',
    ),
    inQueue(
      'queue-limit',
      'the room of a request that ended stays taken',
      'this.#options.budget.give(ticket.item.heldBytes);',
      '',
    ),
    inBudget(
      'queue-limit',
      'held bytes have no limit',
      'requests >= max.requestsMax || bytes + size > max.bytesMax',
      'requests >= max.requestsMax',
    ),
    inFile('services/activator/src/sampler.ts')(
      'dedupe',
      'a second that is told again has the id of the first time',
      'partial: false, count };',
      'partial: false, count: 0 };',
    ),
    inDrain(
      'drain',
      'connections stay in use until they are cut',
      'parts.gateway.announceEnd();',
      '',
    ),
    inQueue('ledger', 'who is turned away is not counted as shed', 'this.ledger.shed++;', ''),
    inQueue('ledger', 'how a held request ended is not counted', 'ledger[end]++;', ''),
    inQueue(
      'ends-once',
      'a request that has ended is abandoned as well',
      "if (own.waiting) this.#settle(own, 'abandoned');",
      "this.#settle(own, 'abandoned');",
    ),
    inLedger('ledger', 'shed requests are not told', 'shed: now.shed - before.shed,', 'shed: 0,'),
    inLedger(
      'ledger',
      'a count says totals, not what is new',
      'held: now.held - before.held,',
      'held: now.held,',
    ),
    inLedger(
      'ledger',
      'what was lost is still said to wait',
      'last.delete(loss.instance);',
      'last.size;',
    ),
    inCounts(
      'ledger',
      'a count that was not taken counts as told',
      '{ traceparent }) === undefined) return;',
      '{ traceparent }) === null) return;',
    ),
    inCounts(
      'ledger',
      'counts queue up behind one that is on its way',
      'data === undefined || isPending(upstream)',
      'data === undefined',
    ),
    inCounts(
      'pokes',
      'a workload is called for without a limit',
      'if (Math.abs(atMs - (wokenAtMs.get(upstream) ?? 0)) < wakeEveryMs) return;',
      '',
    ),
    inUrgent(
      'pokes',
      'a workload is told at once without a limit',
      'last === undefined ? 0 : last.atMs + urgentEveryMs - options.monotonicMs();',
      '0;',
    ),
    inUrgent(
      'pokes',
      'a burst is multiplied by a clock that is set forward',
      'countedMs <= 0 || apartMs > clocksApartMsMax',
      'countedMs <= 0',
    ),
    inOutbox(
      'dedupe',
      'a message is sent again without asking whether it is stored',
      'const ask = readBack && failure !== undefined;',
      'const ask = readBack && failure === null;',
    ),
    inOutbox('order', 'messages of one subject overtake each other', '      await before;\n', ''),
    inOutbox(
      'queue-limit',
      'messages under way have no limit',
      'if (pending >= outboxMax) {',
      'if (pending < 0) {',
    ),
    inDrain(
      'drain',
      'nobody waits for the requests in flight',
      'const { cut } = await gateway.drain({ graceMs: drainMs });',
      'const { cut } = await gateway.drain({ graceMs: 0 });',
    ),
    inDrain(
      'drain',
      'what is held at the end is cut, not answered',
      'for (const upstream of upstreams.all()) upstream.holding.shedAll();',
      '',
    ),
    inDrain(
      'drain',
      'the last of the ledger is not told',
      'toldToTheEnd = await tellToTheEnd(parts);',
      'toldToTheEnd = true;',
    ),
    inDrain(
      'drain',
      'an activator whose ledger is not stored says goodbye',
      'if (toldToTheEnd) await parts.heartbeat.end();',
      'await parts.heartbeat.end();',
    ),
    inActivators(
      'ledger',
      'an activator is taken for dead without a second look',
      '(await revisionOf(instance)) === before && !isAlive(instance)',
      '!isAlive(instance)',
    ),
  ],
};
