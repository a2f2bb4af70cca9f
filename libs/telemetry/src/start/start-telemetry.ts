/** Starts what tells spans, if anybody listens; only then anything of OpenTelemetry is loaded. */
import type { FinishedSpan } from '../finished-span.ts';
import { silentTelemetry, type Telemetry } from '../telemetry.ts';
import type { Recorder } from './recorder.ts';
import type { TelemetryOptions } from './telemetry-options.ts';
import { createTrouble, type Trouble } from './trouble.ts';

/** Sending what is left takes this long at most when a service ends. */
export const telemetryCloseMsMax = 1_000;

const isOtelAskedFor = (env: TelemetryOptions['env']): boolean => {
  const exporters = env.OTEL_TRACES_EXPORTER?.trim() ?? '';
  if (exporters.split(',').some((name) => name.trim() === 'none')) return false;
  const endpoints = [env.OTEL_EXPORTER_OTLP_ENDPOINT, env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT];
  return exporters !== '' || endpoints.some((endpoint) => (endpoint ?? '').trim() !== '');
};

const isDisabled = (env: TelemetryOptions['env']): boolean =>
  env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true';

/**
 * Spans go to whom OTEL_* names, and to our own sink, side by side. Silent when neither is asked
 * for, or OTEL_SDK_DISABLED is true. Rejects when `tracesUrl` is no URL of http or https.
 */
export const startTelemetry = async (options: TelemetryOptions): Promise<Telemetry> => {
  const { tracesUrl, env } = options;
  const isAsked = isOtelAskedFor(env);
  if (isDisabled(env) || (tracesUrl === '' && !isAsked)) return silentTelemetry;
  const trouble = createTrouble(options.onTrouble);
  const recorders: Recorder[] = [];
  if (tracesUrl !== '') {
    const { recordToUrl } = await import('./record-to-url.ts');
    recorders.push(recordToUrl(options, trouble));
  }
  if (isAsked) {
    const { recordByEnvironment } = await import('./record-by-environment.ts');
    recorders.push(...recordByEnvironment(options, trouble));
  }
  return telemetryOf(recorders, trouble);
};

const telemetryOf = (recorders: readonly Recorder[], trouble: Trouble): Telemetry => {
  if (recorders.length === 0) return silentTelemetry;
  let closing: Promise<void> | undefined;
  return {
    isOn: true,
    tell: (span: FinishedSpan) => {
      if (closing !== undefined) return;
      for (const recorder of recorders) recordSafely(recorder, span, trouble);
    },
    close: () => {
      closing ??= closeAll(recorders);
      return closing;
    },
  };
};

/** What fails in the SDK must not fail the service that only tells what it did. */
const recordSafely = (recorder: Recorder, span: FinishedSpan, trouble: Trouble): void => {
  try {
    recorder.record(span);
  } catch (error) {
    trouble.lost(1, String(error));
  }
};

const closeAll = async (recorders: readonly Recorder[]): Promise<void> => {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, telemetryCloseMsMax);
  await Promise.race([Promise.allSettled(recorders.map((one) => one.flush())), late]);
  clearTimeout(timer);
  for (const recorder of recorders) recorder.abandon();
};
