/** YAML in, objects and complaints out. */
import { describe, expect, it } from 'vitest';
import { readCommands } from './command-table.ts';
import { manifestSchema } from './manifest.ts';
import { readAllManifests, readManifests } from './read-manifests.ts';

const { commands } = readCommands({ file: 'commands.yaml', text: 'samples/app: node app.js' });

const read = (text: string) => readManifests({ file: 'a.yaml', text, commands });

/** `line severity key` of each complaint. */
const said = (text: string) =>
  read(text).complaints.map(({ line, severity, key }) => `${line} ${severity} ${key}`.trim());

const service = `
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: app
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/target: "10"
        example.com/other: kept by Kubernetes
    spec:
      containerConcurrency: 20
      timeoutSeconds: 60
      containers:
        - image: samples/app:v1
          args: [--verbose]
          env:
            - {name: COLOUR, value: "red"}
          ports:
            - containerPort: 8080
`;

const runLatest = `
apiVersion: serving.knative.dev/v1alpha1
kind: Service
metadata:
  name: app
  namespace: articles
spec:
  runLatest:
    configuration:
      revisionTemplate:
        metadata:
          annotations:
            autoscaling.knative.dev/minScale: "1"
        spec:
          concurrencyModel: Single
          container:
            image: samples/app
`;

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop.cart
  annotations:
    flyball.dev/container-concurrency: "5"
    autoscaling.knative.dev/target: "10"
    deployment.kubernetes.io/revision: "4"
spec:
  replicas: 2
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/target: "3"
    spec:
      containers:
        - image: samples/app@sha256:0123
          command: [node, cart.js]
`;

const config = (data: string) => `
apiVersion: v1
kind: ConfigMap
metadata: {name: config-autoscaler, namespace: knative-serving}
data:
  ${data}
`;

describe('workloads', () => {
  it('come from a Knative Service with spec.template', () => {
    const { objects, complaints } = read(service);
    expect(complaints).toEqual([]);
    expect(objects).toEqual([
      {
        kind: 'Service',
        namespace: 'default',
        name: 'app',
        annotations: { 'autoscaling.knative.dev/target': '10' },
        containerConcurrency: 20,
        timeoutSeconds: 60,
        image: 'samples/app:v1',
        command: ['node', 'app.js', '--verbose'],
        env: { COLOUR: 'red' },
        port: 8080,
        source: { file: 'a.yaml', line: 2 },
      },
    ]);
    expect(manifestSchema.parse(objects[0])).toEqual(objects[0]);
  });

  it('come from the older shape with runLatest', () => {
    const { objects, complaints } = read(runLatest);
    expect(complaints.map(({ severity }) => severity)).toEqual(['advice']);
    expect(objects[0]).toMatchObject({
      namespace: 'articles',
      annotations: { 'autoscaling.knative.dev/minScale': '1' },
      containerConcurrency: 1,
      timeoutSeconds: 300,
      command: ['node', 'app.js'],
    });
  });

  it('come from a Deployment, whose pod template wins', () => {
    const { objects, complaints } = read(deployment);
    expect(complaints).toEqual([]);
    expect(objects[0]).toMatchObject({
      kind: 'Deployment',
      name: 'shop.cart',
      replicas: 2,
      containerConcurrency: 5,
      annotations: { 'autoscaling.knative.dev/target': '3' },
      command: ['node', 'cart.js'],
    });
    expect(manifestSchema.parse(objects[0])).toEqual(objects[0]);
  });

  it('come from a List, from JSON and through anchors', () => {
    const template = 'template: &t {spec: {containers: [{image: samples/app}]}}';
    const list = `{apiVersion: v1, kind: List, items: [
      {apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {${template}}},
      {apiVersion: apps/v1, kind: Deployment, metadata: {name: b}, spec: {template: *t}}]}`;
    expect(read(list).objects.map((object) => object.name)).toEqual(['a', 'b']);
    const merged = `x: &more {autoscaling.knative.dev/target: "7"}\n${deployment.trim()}`.replace(
      '        autoscaling.knative.dev/target: "3"',
      '        <<: *more',
    );
    expect(read(merged).objects[0]).toMatchObject({
      annotations: { 'autoscaling.knative.dev/target': '7' },
    });
  });

  it('are left alone when they say so', () => {
    const out = deployment.replace(
      'flyball.dev/container-concurrency: "5"',
      'flyball.dev/enabled: "false"',
    );
    expect(read(out).objects).toEqual([]);
    expect(said(out)).toEqual(['7 warning flyball.dev/enabled']);
  });
});

it('gives three complaints to three mistakes, each at its line', () => {
  const text = service
    .replace('target: "10"', 'target: "0"')
    .replace('containerConcurrency: 20', 'containerConcurrency: 2000')
    .replace('example.com/other: kept by Kubernetes', 'autoscaling.knative.dev/widow: 60s');
  expect(said(text)).toEqual([
    '10 error autoscaling.knative.dev/target',
    '11 warning autoscaling.knative.dev/widow',
    '13 error containerConcurrency',
  ]);
});

describe('text that Kubernetes would not read as text', () => {
  it.each(['10', '1.5', 'true', 'yes', '0x10', '[1]', '{a: 1}', ''])('%j', (value) => {
    const text = service.replace('target: "10"', `window: ${value}`);
    expect(said(text)[0]).toBe('10 error autoscaling.knative.dev/window');
  });

  it('is only complained of for its quotes when the value is right', () => {
    expect(said(service.replace('"10"', '10'))).toEqual([
      '10 error autoscaling.knative.dev/target',
    ]);
    expect(said(service.replace('"red"', '7'))).toEqual(['19 error COLOUR']);
  });
});

describe('mistakes of structure', () => {
  it.each([
    [
      'a key given twice',
      service.replace('metadata:\n      ann', 'metadata: {}\n    metadata:\n      ann'),
      '9 error metadata',
    ],
    ['a tab', service.replace('      containerConcurrency', '\tcontainerConcurrency'), '13 error'],
    ['a bracket left open', 'a: [1', '1 error'],
    ['no object', '- 1\n- 2', '1 error'],
    ['no kind', 'apiVersion: v1', '1 error'],
    ['no name', service.replace('name: app', 'labels: {}'), '5 error name'],
    ['a name that cannot be', service.replace('name: app', 'name: My_App'), '5 error name'],
    ['a number in quotes', service.replace(': 20', ': "20"'), '13 error containerConcurrency'],
    ['a negative timeout', service.replace(': 60', ': -60'), '14 error timeoutSeconds'],
    ['a version of the future', service.replace('/v1', '/v2'), '2 error apiVersion'],
    [
      'a near miss',
      service.replace('containerConc', 'containerConcc'),
      '13 warning containerConccurrency',
    ],
    ['no container', service.replace(/containers:.*/s, 'volumes: []'), '13 error containers'],
    [
      'a command that is no list',
      service.replace('args: [--verbose]', 'args: -v'),
      '17 error args',
    ],
    ['an unknown image', service.replace('samples/app', 'samples/ap'), '16 error image'],
    ['a port that cannot be', service.replace('8080', '80800'), '21 error containerPort'],
    ['another kind', 'apiVersion: v1\nkind: Secret', '2 warning kind'],
    ['another ConfigMap', config('a: b').replace('autoscaler', 'autoscalar'), '4 warning name'],
  ])('%s', (_, text, expected) => {
    expect(said(text)[0]).toBe(expected);
  });

  it('at the Service instead of its template', () => {
    const text = service.replace(
      '  name: app',
      `  name: app
  annotations: {autoscaling.knative.dev/target: "5", flyball.dev/queue-proxy: "true"}`,
    );
    expect(said(text)).toEqual(['6 error autoscaling.knative.dev/target']);
    expect(read(text).objects[0]).toMatchObject({
      annotations: { 'autoscaling.knative.dev/target': '10', 'flyball.dev/queue-proxy': 'true' },
    });
  });

  it('as one name for two workloads', () => {
    const twice = `${service}---${service}`;
    expect(said(twice)).toEqual(['26 error name']);
  });

  it('does not stop the objects that are right', () => {
    const { objects, complaints } = read(`${service}---\na: [\n---${runLatest}`);
    expect(objects).toHaveLength(2);
    expect(complaints.map(({ severity }) => severity)).toEqual(['error', 'advice']);
  });
});

describe('the cluster’s config', () => {
  it('is taken from any of the texts and holds for all of them', () => {
    const { config: taken, complaints } = readAllManifests(
      [
        { file: 'a.yaml', text: service.replace('target: "10"', 'max-scale: "9"') },
        { file: 'b.yaml', text: config('{max-scale: "3", max-scale-limit: "5"}') },
      ],
      { commands },
    );
    expect(taken.maxScaleLimit).toBe(5);
    expect(complaints.map((one) => `${one.file}:${one.line} ${one.key}`)).toEqual([
      'a.yaml:10 autoscaling.knative.dev/max-scale',
    ]);
  });

  it('is complained of at its lines', () => {
    expect(said(config('stable-window: 5s\n  min-scale: 1\n  tick-interval: 2s'))).toEqual([
      '6 error stable-window',
      '7 error min-scale',
      '8 warning tick-interval',
    ]);
  });
});

describe('what is only read on a cluster', () => {
  const onCluster = service
    .replace('value: "red"', 'valueFrom: {secretKeyRef: {name: a, key: b}}')
    .replace('          ports:', '          ports: &p')
    .replace(/$/, '        - {name: sidecar, image: envoy}\n');

  it('is said on this machine, and not for a cluster', () => {
    expect(said(onCluster)).toEqual(['16 advice containers', '19 warning valueFrom']);
    const input = { file: 'a.yaml', text: onCluster, needsCommand: false };
    expect(readManifests(input).complaints).toEqual([]);
  });
});

it('says that class hpa needs a cluster', () => {
  const text = service.replace('target: "10"', 'class: hpa.autoscaling.knative.dev');
  expect(said(text)).toEqual(['10 warning autoscaling.knative.dev/class']);
  expect(readManifests({ file: 'a.yaml', text, needsCommand: false }).complaints).toEqual([]);
});

it('needs no command for a cluster', () => {
  const input = { file: 'a.yaml', text: service, needsCommand: false };
  expect(readManifests(input).complaints).toEqual([]);
  expect(readManifests(input).objects[0]).not.toHaveProperty('command');
});

it('reads nothing out of nothing', () => {
  expect(read('')).toMatchObject({ objects: [], complaints: [] });
  expect(read('---\n---\n# only a comment')).toMatchObject({ objects: [], complaints: [] });
});

it('refuses a text of brackets instead of falling over it', () => {
  expect(read('['.repeat(200_000)).complaints[0]?.severity).toBe('error');
});
