/** Spans to whom OTEL_* names: the SDK for Node reads them all, and makes its provider of them. */
import {
  type DiagLogFunction,
  DiagLogLevel,
  diag,
  logs,
  ProxyTracerProvider,
  trace,
} from '@opentelemetry/api';
import { defaultResource, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { createIdSlot, type Recorder, recordOn } from './recorder.ts';
import { serviceAttributes } from './service-attributes.ts';
import type { TelemetryOptions } from './telemetry-options.ts';
import type { Trouble } from './trouble.ts';

const currentProvider = () => {
  const provider = trace.getTracerProvider();
  return provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider;
};

/** The SDK says by this alone that an exporter of its own could not send. */
const listenToSdk = (trouble: Trouble): void => {
  const complain: DiagLogFunction = (message) => trouble.lost(0, message);
  const ignore: DiagLogFunction = () => undefined;
  diag.setLogger(
    { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
};

/**
 * One recorder, or none when OTEL_* asks for an exporter that does not exist. The SDK registers its
 * provider for the whole process when it starts; it is taken from there at once, because several
 * services may live in one process, each with its own name.
 */
export const recordByEnvironment = (options: TelemetryOptions, trouble: Trouble): Recorder[] => {
  const slot = createIdSlot();
  const before = currentProvider();
  const sdk = new NodeSDK({
    resource: defaultResource().merge(resourceFromAttributes(serviceAttributes(options))),
    resourceDetectors: [envDetector],
    idGenerator: slot.generator,
    contextManager: null,
    textMapPropagator: null,
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
  } as unknown as ConstructorParameters<typeof NodeSDK>[0]);
  listenToSdk(trouble);
  sdk.start();
  const provider = currentProvider();
  logs.disable();
  if (provider === before) {
    trouble.lost(0, 'OTEL_* names no exporter that exists, or another SDK runs in this process');
    return [];
  }
  trace.disable();
  return [
    { record: recordOn(provider, slot), flush: () => sdk.shutdown(), abandon: () => undefined },
  ];
};
