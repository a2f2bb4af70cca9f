/** An object whose name is refused is judged with the rest, and is applied by nobody. */
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
