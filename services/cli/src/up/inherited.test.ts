/** What of the environment reaches the processes of a Flyball. */
import { expect, it } from 'vitest';
import { inheritedFrom, openTelemetryOf } from './inherited.ts';

const env = {
  ...{ PATH: '/bin', HOME: '/home/ana', FLYBALL_LOG_LEVEL: 'debug', SECRET: 'x' },
  ...{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_SDK_DISABLED: undefined },
};

it('nothing of our own settings, and nothing that nobody asked for', () => {
  expect(inheritedFrom(env)).toEqual({ PATH: '/bin', HOME: '/home/ana' });
});

it('where the user wants traces, apart from it', () => {
  expect(openTelemetryOf(env)).toEqual({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' });
});
