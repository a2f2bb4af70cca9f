/** What the log itself protects: its fence, its ids, its positions, its chain. */
import { inFile, type MutationGroup } from '../mutation.ts';

const log = 'libs/event-log/src';
const inServer = inFile(`${log}/memory/stream-store.ts`);
const inProcedure = inFile(`${log}/append-procedure.ts`);
const inPosition = inFile(`${log}/position.ts`);
const inStore = inFile(`${log}/jetstream/message-store.ts`);
const inStream = inFile(`${log}/jetstream/nats-stream.ts`);
const inBucket = inFile(`${log}/jetstream/nats-bucket.ts`);
const inEvent = inFile('libs/contracts/src/event.ts');
const inChain = inFile('libs/contracts/src/chain.ts');
const inChainCheck = inFile('libs/reading/src/chain-check.ts');
const inVerify = inFile('services/cli/src/reading/verify-workload.ts');
const inVerified = inFile('libs/domain/src/replay/verify-decisions.ts');
const inVerb = inFile('services/cli/src/verbs/replay-verify.ts');

export const appends: MutationGroup = {
  name: 'appends',
  about: 'the fence, the ids and the positions of the log, as the memory server keeps them',
  runs: [
    {
      project: 'story',
      files: [log],
      without: [`${log}/leases/**`, `${log}/leases*.test.ts`],
    },
    { project: 'story', files: ['libs/service/src/drive.test.ts'] },
  ],
  mutations: [
    inServer(
      'fence',
      'the memory server looks at no expectation',
      'expectedLastSeq !== undefined && expectedLastSeq !== last;',
      'expectedLastSeq !== undefined && expectedLastSeq > last;',
    ),
    inServer(
      'dedupe',
      'the memory server stores an id twice',
      "seen !== undefined && id !== '';",
      "seen !== undefined && id === '';",
    ),
    inServer(
      'keep-one',
      'the memory server purges the last message of a subject, and its fence',
      'seq < Math.min(belowSeq, last)',
      'seq < belowSeq',
    ),
    inProcedure(
      'dedupe',
      'what is stored under the same id is not read back',
      'if (!answer.duplicate) return',
      'if (answer.seq > 0) return',
    ),
    inProcedure(
      'dedupe',
      "a rival's words under the same id count as one's own",
      'stored.body === message.body',
      'stored.seq > 0',
    ),
    inProcedure(
      'dedupe',
      'an id of another subject swallows a message in silence',
      'if (stored.subject !== message.subject) {',
      'if (stored.seq < 0) {',
    ),
    inProcedure(
      'lost-answer',
      'a refusal after a lost answer is taken for a rival',
      'return next.id === message.id ? asOurs(message, next) : fenced(port, message.subject);',
      'return fenced(port, message.subject);',
    ),
    inProcedure(
      'lost-answer',
      'the last message is asked for, not the first after the expectation',
      'const next = await port.next(message.subject, expected + 1);',
      'const next = await port.last(message.subject);',
    ),
    inProcedure(
      'fence',
      'a subject that lost its tail is begun anew',
      'last === undefined && !truncated && expected > 0',
      'last === undefined && expected > 0',
    ),
    inPosition(
      'lost-tail',
      'a position beyond the end counts as one of the log',
      'if (seq > state.lastSeq) {',
      'if (seq < 0) {',
    ),
    inPosition(
      'lost-tail',
      'another message at the position counts as the one that was read',
      'messageAtSeq.id !== position.eventId',
      "messageAtSeq.id === ''",
    ),
    inPosition(
      'stream-identity',
      'a snapshot of another stream is used',
      'if (state.createdAt !== position.streamCreatedAt) {',
      "if (state.createdAt === '') {",
    ),
  ],
};

export const jetstream: MutationGroup = {
  name: 'jetstream',
  about: 'the same on real NATS servers, and what the keeper purges',
  runs: [
    { project: 'integration', files: ['services/watcher/src/keeper.integration.test.ts'] },
    {
      project: 'integration',
      files: [`${log}/jetstream.integration.test.ts`],
      named: ' (appends|buckets) ',
    },
  ],
  mutations: [
    inStore(
      'fence',
      'JetStream is told no expected last sequence',
      '...(expectedLastSeq === undefined ? {} : { lastSubjectSequence: expectedLastSeq }),',
      '',
    ),
    inStore('dedupe', 'JetStream is told no id', '          msgID: id,\n', ''),
    inStream(
      'keep-one',
      'a purge takes the last message of a subject, and its fence',
      'const seq = Math.min(belowSeq, last.seq);',
      'const seq = belowSeq;',
    ),
    inBucket(
      'lease',
      'a lease is taken on any revision',
      'await this.#kv.update(key, value, expected)',
      'await this.#kv.put(key, value)',
    ),
    inBucket(
      'lease',
      'a lease that is another’s by now is deleted',
      'expected === undefined ? {} : { previousSeq: expected }',
      '{}',
    ),
    inFile('services/watcher/src/keeper.ts')(
      'keeper',
      'ticks go before their minutes are recorded',
      'Math.min(decider.snapshot.seq, owed.data.state.ticksFromSeq)',
      'decider.snapshot.seq',
    ),
    inFile('services/watcher/src/keeper.ts')(
      'keeper',
      'ticks go before the decider has passed them',
      'Math.min(decider.snapshot.seq, owed.data.state.ticksFromSeq)',
      'owed.data.state.ticksFromSeq',
    ),
    inFile('services/watcher/src/keeper.ts')(
      'keeper',
      'a snapshot of another stream says what may go',
      'if ((await lossAt(log.events, snapshot)) !== undefined) return nothing;',
      '',
    ),
  ],
};

export const record: MutationGroup = {
  name: 'record',
  about: 'derived ids, the chain, and what replay verify looks at',
  runs: [
    { project: 'story', files: ['libs/contracts/src', 'libs/domain/src/replay'] },
    { project: 'story', files: ['services/cli/src/reading/verify-workload.test.ts'] },
    { project: 'story', files: ['services/cli/src/verbs/replay.test.ts'] },
    { project: 'story', files: ['libs/service/src/drive.test.ts'] },
    { project: 'traces', files: ['test/traces'] },
  ],
  mutations: [
    inEvent(
      'derived-ids',
      'ids are random',
      'id: derivedId(cause.id, draft.pen, draft.workload ?? draft.partition),',
      'id: crypto.randomUUID(),',
    ),
    inEvent(
      'derived-ids',
      'two pens give one id to what they say of one cause',
      'derivedId(cause.id, draft.pen, draft',
      "derivedId(cause.id, 'ticks', draft",
    ),
    inEvent('derived-ids', 'the cause is not told', 'causationId: cause.id,', ''),
    inChain(
      'chain',
      'a link does not cover the past',
      'const chain = link(previous, bodyWithoutChain);',
      "const chain = link('', bodyWithoutChain);",
    ),
    inChain(
      'chain',
      'a link does not cover the text',
      "link(previous, body.replace(chainMember, '}')) === chain",
      'chain.length > 0',
    ),
    inChainCheck(
      'chain',
      'replay verify does not follow the chain',
      'else if (!follows) this.#broken.push({ subject, seq, id });',
      '',
    ),
    inChainCheck(
      'chain',
      'replay verify takes the same event twice',
      'if (this.#ids.has(id)) this.#doubled.add(id);',
      '',
    ),
    inVerify(
      'verify',
      'a ledger out of balance is well',
      'chain.ok && ledger.imbalance === 0 && unreadable',
      'chain.ok && unreadable',
    ),
    inVerify(
      'verify',
      'an event that nobody can read is well',
      ' && unreadable.length === 0;',
      ';',
    ),
    inVerify(
      'verify',
      'a broken chain is well',
      'differences.length === 0 && chain.ok &&',
      'differences.length === 0 &&',
    ),
    inVerified(
      'verify',
      'a decision that is not recorded is not missed',
      "differences.push({ kind: 'missing', decisionId: decided.id, causationId });",
      '',
    ),
    inVerified(
      'verify',
      'a decision that was recorded twice is not one too many',
      'seen.has(causationId) && !counted.has(causationId)',
      'seen.has(causationId)',
    ),
    inVerified(
      'verify',
      'other numbers in a decision make no difference',
      'if (fields.length > 0) {',
      'if (fields.length < 0) {',
    ),
    inVerb(
      'verify',
      'it ends well whatever it found',
      'return totals.ok ? exitCode.ok : exitCode.no;',
      'return exitCode.ok;',
    ),
  ],
};
