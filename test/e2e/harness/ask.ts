/** One request to the gateway, as `curl -H 'Host: …'` sends it. */
import { request } from 'node:http';
import { until } from './until.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface AskOptions {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Resolves with the answer; rejects with the error of the connection. */
export const ask = (gatewayUrl: string, host: string, options: AskOptions = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { path = '/', method = 'GET', headers = {} } = options;
    const sent = request(gatewayUrl, {
      ...{ path, method, agent: false },
      headers: { ...headers, host },
    });
    sent.once('error', reject).once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      response.once('end', () => {
        sent.destroy();
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    // Headers that announce a body are sent without one: they alone must be answered.
    if (method === 'GET') sent.end();
    else sent.flushHeaders();
  });

/** The same, asked again while the gateway does not know the workload yet. */
export const askGateway = (
  gatewayUrl: string,
  host: string,
  { limitMs }: { readonly limitMs: number },
): Promise<Answer> =>
  until(`${host} is known`, { limitMs }, async () => {
    const answer = await ask(gatewayUrl, host);
    return answer.status !== 404 && answer;
  });
