/** Services that lead requests on a cluster, among the files that are checked. */
import { expect, test } from 'vitest';
import { readManifests } from './read-manifests.ts';

const publicService = (spec: string, annotation = 'flyball.dev/deployment: web') => `
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations:
    ${annotation}
spec: ${spec}
`;

const said = (text: string, needsCommand = false) =>
  readManifests({ file: 'a.yaml', text, needsCommand }).complaints.map(
    ({ line, severity, message }) => `${line} ${severity} ${message}`,
  );

test('a public Service is used on a cluster, and needs no word', () => {
  expect(said(publicService('{ports: [{port: 80}]}'))).toEqual([]);
});

test('one that nobody can lead is warned of, with the reason', () => {
  expect(said(publicService('{selector: {app: web}, ports: [{port: 80}]}'))).toEqual([
    expect.stringMatching(/^8 warning With a selector Kubernetes leads the requests/),
  ]);
  expect(said(publicService('{type: ExternalName, externalName: a.b}'))).toEqual([
    expect.stringMatching(/^8 warning .*ExternalName has no endpoints/),
  ]);
  expect(said(publicService('{clusterIP: None, ports: [{port: 80}]}'))).toEqual([
    expect.stringMatching(/^8 warning Clients of a headless Service/),
  ]);
  expect(said(publicService('{}', 'flyball.dev/deployment: ""'))).toEqual([
    expect.stringMatching(/^7 warning flyball.dev\/deployment names no Deployment/),
  ]);
});

test('on a laptop the gateway leads instead, which is no mistake', () => {
  expect(said(publicService('{ports: [{port: 80}]}'), true)).toEqual([
    expect.stringMatching(/^7 advice On this machine the gateway leads requests/),
  ]);
});

test('any other Service of Kubernetes is not used, as before', () => {
  const text = publicService('{selector: {app: web}}', 'example.com/a: b');
  expect(said(text)).toEqual([
    expect.stringMatching(/^3 warning Kind Service \(v1\) is not used by Flyball/),
  ]);
});
