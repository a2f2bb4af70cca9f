/** An object whose name is refused, as a double too, is judged with the rest and not applied. */
import { expect, it } from 'vitest';
import { readManifests } from './read-manifests.ts';

const misnamed = (kind: string, version: string) => `
apiVersion: ${version}
kind: ${kind}
metadata:
  name: Bad_Name
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/target: "-5"
        autoscaling.knative.dev/windw: "60s"
    spec:
      containers: [{image: app, command: [node, app.js]}]
`;

const service = misnamed('Service', 'serving.knative.dev/v1');
const deployment = misnamed('Deployment', 'apps/v1');

it.each([service, deployment])('complains of its annotations too', (text) => {
  const { objects, complaints } = readManifests({ file: 'a.yaml', text });
  expect(complaints.map(({ line, severity }) => `${line} ${severity}`)).toEqual([
    '5 error',
    '10 error',
    '11 warning',
  ]);
  expect(objects).toEqual([]);
});

it('is not taken for the double of another misnamed one', () => {
  const { complaints } = readManifests({ file: 'a.yaml', text: `${service}---${deployment}` });
  expect(complaints.filter(({ message }) => message.includes('given twice'))).toEqual([]);
});

it('tells the mistakes of a second config-autoscaler too, and judges under the first', () => {
  const config = (value: string): string =>
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: config-autoscaler }\n' +
    `data: { stable-window: "${value}" }\n`;
  const { config: held, complaints } = readManifests({
    file: 'a.yaml',
    text: `${config('30s')}---\n${config('1s')}`,
  });
  expect(complaints.map(({ line, message }) => `${line} ${message}`)).toEqual([
    '8 config-autoscaler is given twice: first as ConfigMap in a.yaml:1.',
    '9 stable-window is outside of the allowed range.',
  ]);
  expect(held.stableWindowMs).toBe(30_000);
});
