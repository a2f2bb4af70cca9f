/** Does a part of the control plane serve? Each is asked in its own way, once. */
import { readFile } from 'node:fs/promises';
import { request as requestPlain } from 'node:http';
import { request } from 'node:https';
import { filesIn, type PartName, type PartPlace } from './parts.ts';

const answerLimitMs = 3_000;

interface Question {
  readonly url: string;
  readonly ca?: string;
  readonly token?: string;
}

/** The status of the answer; undefined when there is none. */
const statusOf = ({ url, ca, token }: Question): Promise<number | undefined> =>
  new Promise((resolve) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const options = { headers, agent: false, timeout: answerLimitMs };
    // Without a certificate to compare with only the state is read, and nothing is told.
    const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
    const sent = url.startsWith('https:')
      ? request(url, { ...options, ...trust })
      : requestPlain(url, options);
    sent.once('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.once('timeout', () => sent.destroy()).once('error', () => resolve(undefined));
    sent.once('close', () => resolve(undefined)).end();
  });

const readOr = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch(() => undefined);

const askApiServer = async ({ folder, ports }: PartPlace, path: string): Promise<boolean> => {
  const files = filesIn(folder);
  const ca = await readOr(files.serverCertificate);
  const token = (await readOr(files.tokens))?.split(',')[0];
  if (ca === undefined || token === undefined) return false;
  const url = `https://127.0.0.1:${ports.apiServer}${path}`;
  return (await statusOf({ url, ca, token })) === 200;
};

/** Pods are refused until the controller manager has made the account that they run as. */
const firstAccount = '/api/v1/namespaces/default/serviceaccounts/default';

/** Asks once. */
export const serves = async (part: PartName, place: PartPlace): Promise<boolean> => {
  const { ports } = place;
  switch (part) {
    case 'etcd':
      return (await statusOf({ url: `http://127.0.0.1:${ports.etcd}/health` })) === 200;
    case 'kube-apiserver':
      return askApiServer(place, '/readyz');
    case 'kube-controller-manager':
      return askApiServer(place, firstAccount);
    case 'kube-scheduler':
      return (await statusOf({ url: `https://127.0.0.1:${ports.scheduler}/readyz` })) === 200;
  }
};
