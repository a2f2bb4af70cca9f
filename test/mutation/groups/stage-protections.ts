/** What the stages' shells protect: each fact once, from the right state, by the one owner. */
import { inFile, type MutationGroup } from '../mutation.ts';

const service = 'libs/service/src';
const inWriter = inFile(`${service}/writer.ts`);
const inEpoch = inFile(`${service}/epoch.ts`);
const inFollower = inFile(`${service}/follower.ts`);
const inRecorded = inFile(`${service}/recorded-outputs.ts`);
const inRecover = inFile(`${service}/recover.ts`);
const inCheck = inFile(`${service}/position-check.ts`);
const inTaking = inFile('services/windower/src/take-message.ts');
const inRecovery = inFile('services/windower/src/recover-windower.ts');
const inWindows = inFile('libs/window-store/src/memory.ts');
const inSamples = inFile('libs/domain/src/windower/fold-samples.ts');
const inEvents = inFile('libs/domain/src/windower/fold-events.ts');
const inTicks = inFile('libs/domain/src/windower/fold-ticks.ts');

export const stageShells: MutationGroup = {
  name: 'stage-shells',
  about: 'the crank around each stage: fence, position, recovery, poison',
  runs: [
    {
      project: 'story',
      files: [service],
      // They start processes.
      without: [`${service}/run-service.test.ts`, `${service}/start-service.test.ts`],
    },
    { project: 'simulation', files: ['test/simulation/stories.test.ts'] },
  ],
  mutations: [
    inWriter(
      'fence',
      'the writer appends without a fence',
      ', expectedLastSeq: fence.seq };',
      ' };',
    ),
    inWriter(
      'fence',
      'what a rival wrote since is folded as if it were known',
      'last.seq <= context.foldedThroughSeq ? fenceAfter(last) : undefined',
      'fenceAfter(last)',
    ),
    inWriter(
      'fence',
      'a fence that was forgotten is taken for none',
      'if (!context.forgot) return noFence;',
      'if (known === undefined) return noFence;',
    ),
    inWriter(
      'dedupe',
      "a rival's event under the same id counts as stored",
      "return { kind: 'duplicate', seq: result.seq };",
      "return { kind: 'stored', seq: result.seq };",
    ),
    inWriter(
      'chain',
      'each event begins a chain of its own',
      'encodeEvent(event, fence.chain)',
      'encodeEvent(event, noFence.chain)',
    ),
    inWriter(
      'order',
      'appends on one subject overtake each other',
      'const before = tails.get(lane);',
      "const before = tails.get('');",
    ),
    inWriter(
      'drain',
      'nobody waits for the appends under way',
      'while (tails.size > 0) await Promise.all(tails.values());',
      '',
    ),
    inEpoch(
      'append-then-position',
      'the position is stored before the append',
      'await epoch.writer.settled();\n  const connection',
      'const connection',
    ),
    inEpoch(
      'fold-at-cause',
      'recovery folds outputs at their own position',
      'epoch.recorded.reconcile(input.id, outputs);',
      "epoch.recorded.reconcile('', []);",
    ),
    inEpoch(
      'poison',
      'what cannot be read stops the partition',
      'await putCorruptAside(epoch, message, decoded.reason);',
      'throw new Error(decoded.reason);',
    ),
    inFile(`${service}/stage-run.ts`)(
      'poison',
      'what the stage throws on stops the partition',
      'broken.add(message.seq);',
      'throw error;',
    ),
    inEpoch(
      'lease',
      'who no longer owns the partition stores a snapshot',
      'epoch.end === undefined && epoch.options.isOwner()',
      'epoch.end === undefined',
    ),
    inFollower(
      'poison',
      'what cannot be read stops an effectful stage',
      'await putCorruptAside(follower, message, decoded.reason);',
      'throw new Error(decoded.reason);',
    ),
    inRecorded(
      'fold-at-cause',
      'recovery does not match outputs by their cause',
      "Map.groupBy(outputs, (output) => output.event.causationId ?? '')",
      'Map.groupBy(outputs, (output) => output.event.id)',
    ),
    inRecover(
      'lost-tail',
      'a snapshot ahead of the log is used',
      "if (loss !== undefined) return atBeginning({ kind: 'lost', ...loss });",
      '',
    ),
    inRecover(
      'snapshot-version',
      'a snapshot of another version is used',
      ' || algorithm !== reading.snapshotVersion',
      '',
    ),
    inCheck(
      'lost-tail',
      'a tail that was lost while reading is not recognised',
      'if (loss !== undefined && !isLost) {',
      'if (loss === undefined && isLost) {',
    ),
    inWriter(
      'lost-tail',
      'what was under way is stored, though what it follows from is lost',
      'return stream.append({ ...message, connection });',
      'return stream.append(message);',
    ),
    inFile(`${service}/snapshotter.ts`)(
      'lost-tail',
      'a snapshot that was under way is stored beside a shorter log',
      '        },\n        connection,\n',
      '        },\n',
    ),
    inEpoch(
      'lost-tail',
      'outputs that were read and are lost count as recorded',
      'ownPosition: furthestOf(position, outputs)',
      'ownPosition: position',
    ),
    inRecover(
      'lost-tail',
      'a state whose outputs are lost is gone on from',
      'if (isThere) return undefined;',
      'if (isThere || seq > 0) return undefined;',
    ),
    inFile(`${service}/unread.ts`)(
      'unread',
      'more is passed by than the stage passes by',
      'return pen !== undefined && passesBy.includes(pen);',
      'return pen !== undefined;',
    ),
  ],
};

export const windowing: MutationGroup = {
  name: 'windowing',
  about: 'each batch once, from clocks that can be believed, in Redis and in memory alike',
  runs: [
    {
      project: 'story',
      files: ['libs/domain/src/windower', 'services/windower/src', 'libs/window-store/src'],
      without: ['**/*.property.test.ts', '**/*.integration.test.ts'],
    },
    { project: 'simulation', files: ['test/simulation/stories.test.ts'] },
    { project: 'story', files: ['libs/domain/src/windower/windower.property.test.ts'] },
  ],
  mutations: [
    inSamples(
      'dedupe',
      'a batch that comes again is counted twice',
      'if (batch.seq <= state.samplesThroughSeq) return;',
      '',
    ),
    inSamples(
      'skew',
      'a sample of the future is believed',
      'if (aheadMs > skewMaxMs) {',
      'if (aheadMs > Number.MAX_VALUE) {',
    ),
    inFile('services/windower/src/log-time.ts')(
      'skew',
      'ticks follow a clock that is ahead of the log',
      'return isTooFar ? provenMs : clockMs;',
      'return clockMs;',
    ),
    inRecovery(
      'skew',
      'the first tick falls by a clock that was compared with nothing',
      'await learnLogTime(context);',
      '',
    ),
    inTicks(
      'skew',
      'a source that was refused and has ended is shown for ever',
      '  forgetRefused(state, due.atMs);\n',
      '',
    ),
    inSamples(
      'late',
      'a second that is no longer kept is folded',
      'if (second < keepFrom) return;',
      '',
    ),
    inSamples(
      'late',
      'a poke that comes late stands over the whole second',
      'if (partial && columnsOf(state.seconds, source, second)?.whole === true) return;',
      '',
    ),
    inSamples(
      'silent-source',
      'a source with a busy second is forgotten when nothing was in flight as it ended',
      'inFlight !== 0 || concurrency !== 0 || requests !== 0;',
      'inFlight !== 0;',
    ),
    inSamples(
      'silent-source',
      'a source that left after a second of nothing is missed',
      'else workload.loads.delete(source);',
      '',
    ),
    inTicks(
      'silent-source',
      'sources whose silence says nothing any more are kept',
      '    forgetSilentSources(workload);\n',
      '',
    ),
    inSamples(
      'pokes',
      'a workload is poked without a limit',
      'workload.pokedAtMs >= 0 && atMs - workload.pokedAtMs < pokeEveryMs',
      'atMs < 0',
    ),
    inEvents(
      'silent-source',
      'a workload misses the sources of the one that had its name before',
      '  workload.loads.clear();\n',
      '',
    ),
    inFile('libs/domain/src/windower/evaluate.ts')(
      'silent-source',
      'a workload is taken for measured because the one before it was',
      'const isCovered = covered >= workload.countsFromSecond;',
      'const isCovered = covered >= 0;',
    ),
    inEvents(
      'dedupe',
      'an event that comes again is folded twice',
      '} else if (event.seq > state.eventsThroughSeq) {',
      '} else {',
    ),
    inTaking(
      'poison',
      'a message on which the windower throws is taken again and again',
      'tenure.broken.add(place);',
      '',
    ),
    inRecovery(
      'stream-identity',
      'the cursor of another SAMPLES is gone on from',
      "if (kind === 'ok') return",
      "if (kind !== 'truncated') return",
    ),
    inRecovery(
      'lost-tail',
      'the cursor of SAMPLES that lost their tail is gone on from',
      "if (kind === 'ok') return",
      "if (kind !== 'recreated') return",
    ),
    inWindows(
      'window-store',
      'an owner that was replaced writes over its heir',
      'if (held.cursorSeq !== expectedCursorSeq) return false;',
      '',
    ),
  ],
};
