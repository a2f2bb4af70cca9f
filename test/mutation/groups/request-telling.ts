/** What the activator tells of requests: which, below whom, and where the time went. */
import { inFile, type MutationGroup } from '../mutation.ts';

const activator = 'services/activator/src';
const inContext = inFile(`${activator}/request-context.ts`);
const inTracing = inFile(`${activator}/request-tracing.ts`);
const inFollowed = inFile(`${activator}/followed-stories.ts`);
const inFacts = inFile(`${activator}/request-facts.ts`);
const inStart = inFile(`${activator}/cold-start.ts`);
const inHooks = inFile(`${activator}/request-hooks.ts`);
const inSampler = inFile(`${activator}/sampler.ts`);
const inPhases = inFile('libs/domain/src/activator/cold-start-phases.ts');

export const requestTelling: MutationGroup = {
  name: 'request-telling',
  about: 'which requests are told, below whom, and where the time of a cold start went',
  runs: [
    {
      project: 'story',
      files: [
        'libs/domain/src/activator/cold-start-phases.test.ts',
        `${activator}/cold-start-traces.test.ts`,
        `${activator}/request-traces.test.ts`,
        `${activator}/sampler.test.ts`,
        `${activator}/request-events.test.ts`,
      ],
    },
  ],
  mutations: [
    inContext(
      'own-span',
      "a followed request takes its client's span for its own",
      ': { traceId: client.traceId, spanId: own.spanId, parentSpanId: client.spanId };',
      ': { traceId: client.traceId, spanId: client.spanId, parentSpanId: null };',
    ),
    inContext(
      'own-span',
      'every followed request has the same span',
      '    count += 1;\n    return rootContextOf',
      '    return rootContextOf',
    ),
    inContext(
      'sampling',
      'a cold start is not told where its client tells nothing',
      'options.isTold || (client?.isSampled ?? true)',
      'client?.isSampled ?? true',
    ),
    inTracing(
      'sampling',
      "a client's word that it keeps its spans is not heard",
      '(given !== null && saysSampled(given) && isTraceparent(given)) || random() < ratio',
      'random() < ratio',
    ),
    inTracing(
      'sampling',
      'what means nothing is taken for the word of a client',
      'saysSampled(given) && isTraceparent(given)',
      'saysSampled(given)',
    ),
    inTracing('sampling', 'the ratio does not count', ' || random() < ratio;', ';'),
    inTracing(
      'way-to-pod',
      'a pod goes on from the request, not from the way to it',
      'spanId: trace.sending.spanId });',
      'spanId: trace.context.spanId });',
    ),
    inTracing(
      'way-to-pod',
      'a way that a pod did not take is not told',
      'tell(sentInVain(upstream, { request, trace }, startMs));',
      '',
    ),
    inTracing('held-with', 'whoever waited is not told with whom', '{ heldWith }', '{}'),
    inHooks(
      'unbroken',
      "a client's own trace is broken off by a span that nobody tells",
      'tracing !== null || !isTraceparent(request.traceparent)',
      'true',
    ),
    inHooks(
      'bad-ends',
      'a cold start that ends badly is not told',
      'if (!answered && tracing === null) return;',
      'if (!answered) return;',
    ),
    inHooks(
      'one-telling',
      'the followed request is told once more as an ordinary one',
      'tracing.followedEnded(upstream,',
      'tracing.ended(upstream, request, { status, reason }); tracing.followedEnded(upstream,',
    ),
    inStart(
      'successor',
      'who takes the place of one that left is told under its span',
      'start.stated = contexts.successor(start.stated.context);',
      '',
    ),
    inStart(
      'pod-spans',
      'a pod lies below a scale of another trace',
      'if (isOfTrace(start, applied.traceparent)) start.appliedId',
      'start.appliedId',
    ),
    inFollowed(
      'late-ready',
      'a pod that is ready after the answer is never told',
      'unready.set(upstream, story);',
      'unready.delete(upstream);',
    ),
    inFollowed(
      'one-telling',
      'who left and its successor both tell of the pod',
      'untold(end.start, coldStartSpans(story))',
      'coldStartSpans(story)',
    ),
    inFollowed(
      'successor',
      "who is told in another's trace does not name its own client",
      '...(isElsewhere ? { askedBy: client } : {}),',
      '',
    ),
    inFacts(
      'privacy',
      'the query of a request is told',
      'return query < 0 ? path : path.slice(0, query);',
      'return query < 0 ? path : path;',
    ),
    inSampler(
      'samples-told',
      'samples are told although it was decided long ago',
      'stated !== null && coldStart?.decidedAtMs === null;',
      'stated !== null;',
    ),
    inStart(
      'still-streaming',
      'a trace goes on as long as its request is being answered',
      'start !== null && start.firstByteAtMs === null ? start.stated : null;',
      'start?.stated ?? null;',
    ),
    inPhases(
      'phases',
      'a clock that is ahead takes the time of what follows',
      'latestMs = Math.min(latestMs, ending.atMs);',
      'latestMs = ending.atMs;',
    ),
    inPhases(
      'phases',
      'a phase may end before it began',
      'const toMs = Math.max(fromMs, atMs);',
      'const toMs = atMs;',
    ),
    inPhases(
      'phases',
      'a pod that is called ready late is waited for',
      'atMs <= moments.connectedAtMs;',
      'true;',
    ),
  ],
};
