/** Watching the local-node: lines as they come, a new listing after every loss. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type Dispatcher } from 'undici';
import { authorization, refusalOf, unreachable } from './local-calls.ts';
import type { PlatformChange } from './platform.ts';
import { watchHeartbeatMs, watchLineCharsMax, watchLineSchema, wirePaths } from './wire.ts';

export interface LocalWatchOptions {
  readonly url: string;
  readonly token: string;
  /** Silence for longer than this is a loss: three heartbeats by default. */
  readonly silenceMaxMs?: number;
  /** First and longest wait before connecting again; 20 and 1,000 by default. */
  readonly reconnectMinMs?: number;
  readonly reconnectMaxMs?: number;
}

/** Splits chunks into lines; a line without an end that grows too long is an error. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > watchLineCharsMax) throw new Error('a line of the watch is too long');
    yield* lines;
  }
}

const changeOf = (line: string): PlatformChange | undefined => {
  const parsed = watchLineSchema.parse(JSON.parse(line));
  if (parsed.kind === 'heartbeat') return undefined;
  if (parsed.kind !== 'config') return parsed;
  return { kind: 'config', config: parsed.config ?? undefined };
};

const open = async (
  client: Client,
  options: LocalWatchOptions,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> => {
  const silenceMs = options.silenceMaxMs ?? 3 * watchHeartbeatMs;
  const answer = await client.request({
    method: 'GET',
    path: wirePaths.watch,
    headers: authorization(options.token),
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    signal,
  });
  if (answer.statusCode === 200) return answer;
  throw refusalOf(answer.statusCode, await answer.body.text());
};

/** One connection's changes, until it ends or fails. */
async function* watchOnce(
  options: LocalWatchOptions,
  signal: AbortSignal,
): AsyncGenerator<PlatformChange, void, undefined> {
  const client = new Client(options.url, { pipelining: 1 });
  try {
    const { body } = await open(client, options, signal);
    for await (const line of linesOf(body)) {
      const change = line === '' ? undefined : changeOf(line);
      if (change !== undefined) yield change;
    }
  } finally {
    await client.destroy();
  }
}

const waited = async (waitMs: number, signal: AbortSignal): Promise<void> => {
  try {
    await delay(waitMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};

/**
 * Every change, a listing first; connects again by itself, each wait twice the one before. A loss
 * is told once as `unseen`; what follows it is a new listing.
 */
export async function* watchLocal(
  options: LocalWatchOptions,
  signal: AbortSignal,
): AsyncGenerator<PlatformChange, void, undefined> {
  const { reconnectMinMs = 20, reconnectMaxMs = 1_000 } = options;
  let waitMs = reconnectMinMs;
  let seen = true;
  while (!signal.aborted) {
    let cause: unknown = 'it ended the watch';
    try {
      for await (const change of watchOnce(options, signal)) {
        waitMs = reconnectMinMs;
        seen = true;
        yield change;
        if (signal.aborted) return;
      }
    } catch (error) {
      cause = error;
    }
    if (signal.aborted) return;
    if (seen) yield { kind: 'unseen', reason: unreachable(options.url, cause).message };
    seen = false;
    await waited(waitMs, signal);
    waitMs = Math.min(waitMs * 2, reconnectMaxMs);
  }
}
