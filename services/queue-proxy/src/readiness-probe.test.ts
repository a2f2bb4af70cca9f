/** Probes are read as Kubernetes writes them. */
import { expect, it } from 'vitest';
import { readProbe } from './readiness-probe.ts';

const often = {
  initialDelaySeconds: 0,
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
};

it.each([
  ['', undefined],
  [
    '{"httpGet":{"path":"/ready","port":8080},"periodSeconds":5}',
    {
      ...often,
      periodSeconds: 5,
      httpGet: { path: '/ready', port: 8_080, scheme: 'HTTP', httpHeaders: [] },
    },
  ],
  ['{"tcpSocket":{"port":5432}}', { ...often, tcpSocket: { port: 5_432 } }],
])('%s is read', (text, probe) => {
  expect(readProbe(text)).toEqual({ ok: true, probe });
});

it.each([
  ['{', 'JSON'],
  ['{}', 'one of httpGet and tcpSocket'],
  ['{"httpGet":{"port":1},"tcpSocket":{"port":1}}', 'one of httpGet and tcpSocket'],
  ['{"httpGet":{"port":"web"}}', 'httpGet.port'],
  ['{"httpGet":{"port":443,"scheme":"HTTPS"}}', 'httpGet.scheme'],
  ['{"exec":{"command":["true"]}}', 'exec'],
  ['{"httpGet":{"port":1,"httpHeaders":[{"name":"X Y","value":"z"}]}}', 'httpHeaders.0.name'],
  ['{"httpGet":{"port":1,"httpHeaders":[{"name":"X","value":"a\\nb"}]}}', 'httpHeaders.0.value'],
])('%s is refused', (text, reason) => {
  expect(readProbe(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
});
