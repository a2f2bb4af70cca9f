/** Reviews by HTTPS, as the API server sends them. */
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../tls/certificates.ts';
import { type AdmissionServer, startAdmissionServer } from './admission-server.ts';
import { createPodJudge } from './judge-pod.ts';

const settings = {
  image: 'flyball/queue-proxy:test',
  cpu: '25m',
  memory: '96Mi',
  cpuMax: '',
  memoryMax: '512Mi',
  keepAcceptingMs: 0,
};
const made = () => makeCertificates({ hosts: ['127.0.0.1'], days: 1, nowMs: Date.now() });

let certificates: Certificates;
let server: AdmissionServer;
const asked: string[] = [];
const warned: string[] = [];

beforeAll(async () => {
  certificates = await made();
  const annotationsOf = async (_namespace: string, deployment: string) => {
    if (deployment === 'hidden') throw new Error('forbidden');
    return { 'flyball.dev/container-concurrency': '3' };
  };
  const warn = (_what: object, why: string): void => {
    warned.push(why);
  };
  server = await startAdmissionServer({
    host: '127.0.0.1',
    port: 0,
    certificate: certificates,
    judges: { '/inject': createPodJudge({ settings, annotationsOf, warn }, false) },
    onAsked: (path, outcome) => asked.push(`${path} ${outcome}`),
  });
});
afterAll(() => server.close());

const post = async (path: string, body: string, ca = certificates.authority) => {
  const agent = new Agent({ connect: { ca } });
  const url = `https://127.0.0.1:${server.port}${path}`;
  const answer = await request(url, { method: 'POST', body, dispatcher: agent });
  const text = await answer.body.text();
  await agent.close();
  return { status: answer.statusCode, text };
};

const review = (object: unknown): string =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace: 'default',
      operation: 'CREATE',
      object,
    },
  });

const pod = (deployment: string, annotations: Record<string, string>) => ({
  metadata: {
    generateName: `${deployment}-abc-`,
    annotations,
    labels: { 'pod-template-hash': 'abc' },
    ownerReferences: [{ kind: 'ReplicaSet', name: `${deployment}-abc`, controller: true }],
  },
  spec: { containers: [{ name: 'app', ports: [{ containerPort: 8080 }] }] },
});

const responseOf = async (object: unknown) =>
  JSON.parse((await post('/inject?timeout=10s', review(object))).text).response;

const asks = { 'flyball.dev/inject': 'true' };

describe('a review', () => {
  it('is answered with a patch, by the limits of the Deployment', async () => {
    const response = await responseOf(pod('web', asks));
    expect(response).toMatchObject({ uid: 'u-1', allowed: true, patchType: 'JSONPatch' });
    const patch = Buffer.from(response.patch, 'base64').toString('utf8');
    expect(patch).toContain('"FLYBALL_CONTAINER_CONCURRENCY","value":"3"');
    expect(asked).toContain('/inject allowed');
  });

  it('of a pod that did not ask is answered without one', async () => {
    expect(await responseOf(pod('web', {}))).toEqual({ uid: 'u-1', allowed: true });
  });

  it('lets a pod through whatever goes wrong, and says what', async () => {
    const hidden = await responseOf(pod('hidden', asks));
    expect(hidden).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
    expect(hidden.warnings).toEqual([expect.stringContaining('cannot be read')]);
    const nothing = await responseOf({ metadata: { annotations: asks }, spec: { containers: [] } });
    expect(nothing).toMatchObject({ allowed: true });
    expect(nothing.warnings).toEqual([expect.stringContaining('No container declares a port')]);
    expect(await responseOf({ spec: 3 })).toMatchObject({ allowed: true });
    expect(warned).toEqual([expect.any(String), expect.any(String)]);
  });

  it('that is none is refused with the reason', async () => {
    expect(await post('/inject', '{')).toMatchObject({ status: 400 });
    const old = review({}).replace('k8s.io/v1', 'k8s.io/v1beta1');
    expect((await post('/inject', old)).text).toContain('admission.k8s.io/v1');
    expect((await post('/elsewhere', review({}))).text).toContain('Reviews are POSTed to /inject');
    const huge = await post('/inject', `"${'x'.repeat(9_000_000)}"`).catch(() => ({ status: 413 }));
    expect(huge.status).toBe(413);
  });
});

it('an idle connection is kept until the API server closes it, after 90 s', async () => {
  const agent = new Agent({ connect: { ca: certificates.authority } });
  const url = `https://127.0.0.1:${server.port}/inject`;
  const body = review(pod('web', {}));
  const answer = await request(url, { method: 'POST', body, dispatcher: agent });
  await answer.body.dump();
  const [, seconds] = /timeout=(\d+)/.exec(String(answer.headers['keep-alive'])) ?? [];
  expect(Number(seconds)).toBeGreaterThan(90);
  await agent.close();
});

it('a certificate is changed without an end of the server', async () => {
  const renewed = await made();
  server.setCertificate(renewed);
  const answered = await post('/inject', review(pod('web', {})), renewed.authority);
  expect(answered.status).toBe(200);
  await expect(post('/inject', review({}))).rejects.toThrow();
  server.setCertificate(certificates);
});
