/** Runs the queue-proxy as a process; lean, because a cold start waits for it. */
import { describeProblems, readConfig } from '@flyball/service/settings';
import { queueProxyConfig } from './config.ts';
import { startQueueProxy } from './queue-proxy.ts';

const exitConfig = 78;
const exitOutside = 69;

const log = (level: string, message: string, more: object = {}): void => {
  const time = new Date().toISOString();
  const line = { level, time, service: 'queue-proxy', msg: message, ...more };
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const read = readConfig(queueProxyConfig, process.env);
if (!read.ok) {
  log('fatal', describeProblems(read.problems));
  process.exit(exitConfig);
}

for (const warning of read.warnings) log('warn', warning);

const started = await startQueueProxy(read.config).catch((error: NodeJS.ErrnoException) => {
  const isSetting = error instanceof RangeError;
  const message = isSetting ? error.message : `cannot listen: ${error.message}`;
  log('fatal', message, { code: error.code });
  process.exit(isSetting ? exitConfig : exitOutside);
});

let draining = false;
const drain = async (): Promise<void> => {
  if (draining) process.exit(1);
  draining = true;
  await started.drain();
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void drain());
process.on('disconnect', () => void drain());

const { listenUrl, healthUrl } = started;
log('info', 'listening', { listenUrl, healthUrl });
process.send?.({ type: 'listening', service: 'queue-proxy', listenUrl, healthUrl });
