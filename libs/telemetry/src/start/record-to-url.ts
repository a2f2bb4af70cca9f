/** Spans to our own sink: OTLP/HTTP with protobuf, in batches, without anything of OTEL_*. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import { createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import {
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
} from '@opentelemetry/otlp-transformer';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  type ReadableSpan,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { FinishedSpan } from '../finished-span.ts';
import { createIdSlot, type Recorder, recordOn } from './recorder.ts';
import { serviceAttributes } from './service-attributes.ts';
import type { TelemetryOptions } from './telemetry-options.ts';
import type { Trouble } from './trouble.ts';

/** Spans that wait or are on their way; a further one is dropped. */
const spansPendingMax = 2_048;
/** Spans of one message. */
const batchSpansMax = 512;
/** Spans wait this long for others to be sent with. */
const batchEveryMs = 500;
/** A message is tried for this long. */
const sendMsMax = 2_000;
/** Messages on their way at once. */
const sendsMax = 4;

/** Where a sink at this address takes spans. Throws when it is no URL of http or https. */
const tracesUrlOf = (address: string): URL => {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error(
      `FLYBALL_TRACES_URL is "${address}"; it must be a URL of http or https, ` +
        'for instance http://127.0.0.1:4318',
    );
  }
  return new URL(`${url.pathname.replace(/\/$/, '')}/v1/traces`, url);
};

const createExporter = (url: URL, agent: HttpAgent) =>
  new OTLPExporterBase<ReadableSpan[]>(
    createOtlpHttpExportDelegate(
      {
        url: url.href,
        headers: async () => ({ 'content-type': 'application/x-protobuf' }),
        compression: 'none',
        timeoutMillis: sendMsMax,
        concurrencyLimit: sendsMax,
        agentFactory: () => agent,
      },
      ProtobufTraceSerializer,
      'otlp_http_span_exporter',
      TraceExporterMetricsHelper,
      undefined,
    ),
  );

/** Tells one address all spans; what it does not take is dropped and counted. */
export const recordToUrl = (options: TelemetryOptions, trouble: Trouble): Recorder => {
  const url = tracesUrlOf(options.tracesUrl);
  const agentOptions = { keepAlive: true, maxSockets: sendsMax };
  const agent =
    url.protocol === 'https:' ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  const exporter = createExporter(url, agent);
  const slot = createIdSlot();
  let pending = 0;
  const processor = new BatchSpanProcessor({
    maxQueueSize: spansPendingMax,
    maxExportBatchSize: batchSpansMax,
    scheduledDelayMillis: batchEveryMs,
    exportTimeoutMillis: 2 * sendMsMax,
    exporter: {
      export: (spans, done) =>
        exporter.export(spans, (result) => {
          pending -= spans.length;
          if (result.code !== 0) {
            trouble.lost(spans.length, `${url.href}: ${result.error?.message ?? 'refused'}`);
          }
          done(result);
        }),
      forceFlush: () => exporter.forceFlush(),
      shutdown: () => exporter.shutdown(),
    },
  });
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes(serviceAttributes(options))),
    sampler: new AlwaysOnSampler(),
    idGenerator: slot.generator,
    spanProcessors: [processor],
  });
  const record = recordOn(provider, slot);
  return {
    record: (span: FinishedSpan) => {
      if (pending >= spansPendingMax) {
        trouble.lost(1, `${spansPendingMax} wait for ${url.href}, which is the limit`);
        return;
      }
      record(span);
      pending += 1;
    },
    flush: () => provider.shutdown(),
    abandon: () => agent.destroy(),
  };
};
