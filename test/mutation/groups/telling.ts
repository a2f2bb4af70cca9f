/** What is told of it: ids that lead from history to traces, and what is kept of them. */
import { inFile, type MutationGroup } from '../mutation.ts';

const telemetry = 'libs/telemetry/src';
const inIds = inFile(`${telemetry}/trace-ids.ts`);
const inRecorder = inFile(`${telemetry}/start/recorder.ts`);
const inUrl = inFile(`${telemetry}/start/record-to-url.ts`);
const inStart = inFile(`${telemetry}/start/start-telemetry.ts`);
const inTrouble = inFile(`${telemetry}/start/trouble.ts`);
const inSink = inFile(`${telemetry}/otlp/trace-sink.ts`);
const inDecoding = inFile(`${telemetry}/otlp/decode-traces.ts`);
const inRequest = inFile(`${telemetry}/otlp/request-type.ts`);
const inSpans = inFile(`${telemetry}/otlp/spans-of-request.ts`);
const inSchema = inFile(`${telemetry}/otlp/request-schema.ts`);
const inKept = inFile(`${telemetry}/store/kept-traces.ts`);
const inShelf = inFile(`${telemetry}/store/shelf.ts`);
const inWaterfall = inFile(`${telemetry}/waterfall.ts`);
const inApply = inFile(`${telemetry}/story/apply-span.ts`);
const inRows = inFile(`${telemetry}/story/row-spans.ts`);
const inReplay = inFile(`${telemetry}/story/replay-spans.ts`);
const inDecide = inFile(`${telemetry}/story/decide-span.ts`);

export const telling: MutationGroup = {
  name: 'telling',
  about: 'which spans are told, under which ids, and what is kept of them',
  runs: [{ project: 'story', files: [telemetry] }],
  mutations: [
    inIds(
      'trace-ids',
      'a scale lies below the request, not below its decision',
      'decisionId === null ? (given?.spanId ?? null) : spanIdOf(decisionId)',
      'given?.spanId ?? null',
    ),
    inIds(
      'trace-ids',
      'a scale begins a trace beside that of its decision',
      'ownTraceIdOf(decisionId ?? event.id)',
      'ownTraceIdOf(event.id)',
    ),
    inIds(
      'traceparent',
      'a trace context of zeros is believed',
      'if (onlyZeros.test(traceId) || onlyZeros.test(spanId)) return undefined;',
      '',
    ),
    inRecorder('recorder', 'spans get ids of the span before', 'slot.put(span);', ''),
    inRecorder(
      'recorder',
      'times are sent in whole milliseconds',
      'Math.round((ms - seconds * 1000) * 1e6)',
      'Math.round(ms - seconds * 1000) * 1e6',
    ),
    inUrl('pending', 'what was sent counts as waiting for ever', 'pending -= spans.length;', ''),
    inUrl(
      'receivers',
      'the tokens of another receiver go to our sink',
      "headers: async () => ({ 'content-type': 'application/x-protobuf' }),",
      "headers: async () => ({ authorization: 'x', 'content-type': 'application/x-protobuf' }),",
    ),
    inStart(
      'otel-environment',
      'an exporter that was turned off is started',
      "if (exporters.split(',').some((name) => name.trim() === 'none')) return false;",
      '',
    ),
    inTrouble(
      'trouble',
      'each loss of spans is a line of the log',
      'if (nowMs() - saidAtMs < troubleEveryMs) return;',
      '',
    ),
    inSink(
      'trace-sink',
      'a small body may unpack to a huge one',
      '{ maxOutputLength: bytesMax }',
      '{}',
    ),
    inDecoding(
      'decode-traces',
      'a body of two bytes an entry is decoded',
      'hasTooManyOnWire(requestType, body) ? undefined : requestOfProtobuf(body)',
      'requestOfProtobuf(body)',
    ),
    inRequest(
      'decode-traces',
      'a number that is none takes a whole request with it',
      ', json: true',
      '',
    ),
    inSpans(
      'decode-traces',
      'fractions of milliseconds are lost',
      'Number(nanos % 1_000_000n) / 1e6',
      '0',
    ),
    inSpans('decode-traces', 'texts of any length are kept', 'text.length <= textCharsMax', 'true'),
    inSchema('decode-traces', 'ids of zeros are taken', '^(?!0+$)', '^'),
    inKept(
      'trace-store',
      'decisions push out cold starts',
      'others.traces.size > 0 && !isOver([cold], limits, coldShare)',
      'false',
    ),
    inShelf(
      'trace-store',
      'a span that replaces another takes room twice',
      ' - (known === undefined ? 0 : spanChars(known))',
      '',
    ),
    inWaterfall(
      'waterfall',
      'spans whose parents lie in a circle are left out',
      'for (const span of sorted) walk(span);',
      '',
    ),
    inApply(
      'story',
      'a scale ends when it was recorded, not when it was answered',
      'answeredAtMs(event) ?? endMs',
      'endMs',
    ),
    inRows(
      'story',
      'a message tells a span for each of thousands of requests',
      'index < workloads.length && spans.length < rowSpansMax',
      'index < workloads.length',
    ),
    inReplay(
      'story',
      'a replay continues the trace of what it replays',
      '...whole,\n      spanId:',
      '...whole,\n      ...contextOf(decisions[0] ?? { id, data: {} as never }),\n      spanId:',
    ),
    inDecide(
      'story',
      'a decision of a request’s own trace links to it as well',
      'waiting !== undefined && waiting.traceId !== context.traceId',
      'waiting !== undefined',
    ),
  ],
};
