/** A console over any log, on a free port, and browsers that read its streams. */
import type { EventLog } from '@flyball/event-log';
import { beginLife, type Clock } from '@flyball/service';
import { pino } from 'pino';
import { type ConsoleParts, startConsole } from '../start-console.ts';

const testPage: ConsoleParts['page'] = {
  'index.html': '<!doctype html><title>Flyball</title>',
  'page.js': 'export {};',
  'page.css': 'body {}',
  'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
};

export interface ConsoleBed {
  readonly url: string;
  /** What it broke on; a healthy one has none. */
  readonly crashes: readonly unknown[];
  isReady(): boolean;
  /** Asks, and reads JSON. */
  ask(path: string): Promise<{ readonly status: number; readonly body: unknown }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const openConsoleBed = async (
  { log, clock }: { readonly log: EventLog; readonly clock: Clock },
  settings: Partial<Omit<ConsoleParts, 'log' | 'life'>> = {},
): Promise<ConsoleBed> => {
  const crashes: unknown[] = [];
  const { life, readiness, announced, drain } = beginLife({
    service: 'console',
    instance: '1',
    clock,
    random: Math.random,
    logger: pino({ level: 'silent' }),
    onCrash: (error) => crashes.push(error),
  });
  await startConsole({
    log,
    life,
    page: testPage,
    consoleHost: '127.0.0.1',
    consolePort: 0,
    consoleHosts: '',
    consoleStreamsMax: 8,
    consoleTracesMax: 100,
    ...settings,
  });
  const url = String(announced().consoleUrl);
  return {
    url,
    crashes,
    isReady: () => readiness.ready(),
    ask: async (path) => {
      const response = await fetch(new URL(path, url));
      return { status: response.status, body: await response.json() };
    },
    [Symbol.asyncDispose]: drain,
  };
};

export interface ToldMessage {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Reads server-sent events as a browser does, until the signal aborts or the stream ends. */
async function* readEvents(
  url: URL,
  signal: AbortSignal,
): AsyncGenerator<ToldMessage, void, undefined> {
  const response = await fetch(url, { signal });
  if (response.status !== 200 || response.body === null)
    throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = /^event: (.+)$/m.exec(block)?.[1];
      const data = /^data: (.+)$/m.exec(block)?.[1];
      if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) };
    }
  }
}

/** The first event that fits; rejects when none comes in time. */
export const firstEvent = async (
  url: URL,
  fits: (told: ToldMessage) => boolean,
  limitMs = 10_000,
): Promise<ToldMessage> => {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(limitMs)]);
  try {
    for await (const told of readEvents(url, signal)) if (fits(told)) return told;
    throw new Error(`${url} ended before the event came.`);
  } finally {
    ended.abort();
  }
};
