/** What tests of telemetry stand on. */
export * from './recording-telemetry.ts';
export * from './start-sink.ts';
