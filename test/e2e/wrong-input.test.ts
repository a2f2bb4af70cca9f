/** Wrong input to a Flyball that runs, and the messages that a user sees. */
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from './harness/ask.ts';
import { createPlace } from './harness/command.ts';
import { endMachine, type Machine, startIn } from './harness/machine.ts';
import { writeText } from './harness/sample.ts';
import { until } from './harness/until.ts';

/** As sysexits has it: something outside refuses. */
const unavailable = 69;
/** One more than the gateway takes. */
const tooManyBytes = 536_870_913;

const rightOne = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: right
  annotations:
    flyball.dev/enabled: "true"
spec:
  selector: { matchLabels: { app: right } }
  template:
    metadata:
      labels: { app: right }
    spec:
      containers:
        - name: app
          image: example.com/right:1
          command: [node, -e, '']
`;

const threeMistakes = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: wrong
  annotations:
    flyball.dev/enabled: "true"
spec:
  selector: { matchLabels: { app: wrong } }
  template:
    metadata:
      labels: { app: wrong }
      annotations:
        autoscaling.knative.dev/target: "minus ten"
        autoscaling.knative.dev/max-scale: "-3"
        autoscaling.knative.dev/panic-threshold-percentage: "5000"
    spec:
      containers:
        - name: app
          image: example.com/wrong:1
          command: [node, -e, '']
---
${rightOne}`;

const mistakes = [
  { line: 13, key: 'autoscaling.knative.dev/target', value: 'minus ten' },
  { line: 14, key: 'autoscaling.knative.dev/max-scale', value: '-3' },
  { line: 15, key: 'autoscaling.knative.dev/panic-threshold-percentage', value: '5000' },
];

let machine: Machine;

beforeAll(async () => {
  machine = await startIn(await createPlace(), 'up');
});

afterAll(() => endMachine(machine));

test('three mistakes get three complaints, and nothing is applied', async () => {
  const { place } = machine;
  const file = await writeText(place, 'wrong.yaml', threeMistakes);
  const { code, out, err } = await place.flyball('apply', '-f', file);
  expect(code).toBe(1);
  for (const { line, key, value } of mistakes) {
    const place = `${file}:${line}:\\d+ error: `;
    expect(err).toMatch(new RegExp(`${place}.+\\n +${key}: "${value}"; allowed: .+`));
  }
  expect(err.match(/ error: /g)).toHaveLength(mistakes.length);
  expect(err).toMatch(/3 errors, \d+ warnings?\. Nothing was applied\./);
  expect(out).toBe('');
  const { out: shown } = await place.flyball('get', '-o', 'json');
  expect(JSON.parse(shown)).toEqual([]);
});

test('a file that is not there is named', async () => {
  const { code, err } = await machine.place.flyball('apply', '-f', '/no/such/file.yaml');
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(/^\/no\/such\/file\.yaml error: Cannot be read: .*\(ENOENT\)/),
  });
});

test.each([
  ['nobody.default.example.com', /no workload nobody in namespace default/],
  ['localhost', /No workload answers to Host "localhost".*<name>\.<namespace>\.example\.com/],
])('Host %s is answered 404, saying so', async (host, text) => {
  expect(await ask(machine.gatewayUrl, host)).toEqual({
    status: 404,
    text: expect.stringMatching(text),
  });
});

test('a body that is too large is answered 413 before it is sent', async () => {
  const { place, gatewayUrl } = machine;
  const file = await writeText(place, 'held.yaml', rightOne);
  expect(await place.flyball('apply', '-f', file)).toMatchObject({ code: 0 });
  const host = 'right.default.example.com';
  const options = { method: 'POST', headers: { 'content-length': String(tooManyBytes) } };
  const answer = await until('the workload is known', { limitMs: 30_000 }, async () => {
    const given = await ask(gatewayUrl, host, options);
    return given.status !== 404 && given;
  });
  expect(answer).toEqual({ status: 413, text: expect.stringMatching(/536870912/) });
});

test.each(['get', 'history', 'explain'])('%s of an unknown workload says so', async (verb) => {
  const { code, err } = await machine.place.flyball(verb, 'default/nobody');
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/default\/nobody/) });
});

test('a second one with the same data is refused, and the first goes on', async () => {
  const { code, err } = await machine.place.flyball('up', '--port', '0');
  expect(code).toBe(unavailable);
  expect(err).toMatch(/Flyball runs with .+ already/);
  expect(await machine.place.flyball('get')).toMatchObject({ code: 0 });
});

test('a port in use is named, with the option that changes it', async () => {
  const place = await createPlace();
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { code, err } = await place.flyball('up', '--port', String(port));
  server.close();
  await place.leave();
  expect(code).toBe(unavailable);
  expect(err).toMatch(new RegExp(`Port ${port} .* in use.*--port`));
});

test('verbs without a Flyball that runs say how to start one', async () => {
  const place = await createPlace();
  const { code, err } = await place.flyball('get');
  await place.leave();
  expect({ code, err }).toEqual({ code: unavailable, err: expect.stringMatching(/flyball up/) });
});
