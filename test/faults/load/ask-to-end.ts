/** One request of a load, read to its end: how it ended, in one word. */
import { type Agent, type IncomingMessage, request } from 'node:http';

export interface Question {
  readonly url: string;
  /** The `Host` by which the gateway knows the workload. */
  readonly host: string;
  readonly agent: Agent;
  /** Silence of the connection for so long is `ETIMEDOUT`. */
  readonly limitMs: number;
}

const codeOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
};

const readToEnd = async (response: IncomingMessage): Promise<void> => {
  for await (const _chunk of response);
  if (!response.complete) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' });
};

/** Resolves with how the request ended: `200`, another status, or the error of its connection. */
export const askToEnd = ({ url, host, agent, limitMs }: Question): Promise<string> =>
  new Promise((resolve) => {
    const asked = request(url, { agent, headers: { host }, timeout: limitMs });
    asked.once('timeout', () => asked.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })));
    asked.once('error', (error) => resolve(codeOf(error)));
    asked.once('response', (response) => {
      readToEnd(response).then(
        () => resolve(String(response.statusCode)),
        (error: unknown) => resolve(codeOf(error)),
      );
    });
    asked.end();
  });
