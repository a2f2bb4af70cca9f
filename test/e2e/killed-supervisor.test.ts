/** `flyball up` itself is killed hard; the next one cleans up, and the workloads are back. */
import { afterAll, expect, test } from 'vitest';
import { askGateway } from './harness/ask.ts';
import { createPlace, type Place } from './harness/command.ts';
import { chainBreaks, doubleIds } from './harness/judges.ts';
import { endMachine, type Machine, startIn, startWithSample } from './harness/machine.ts';
import { markedProcesses } from './harness/marked-processes.ts';
import { historyOf, shownOf } from './harness/reading.ts';
import { sampleHost, sampleWorkload } from './harness/sample.ts';
import { until } from './harness/until.ts';

const limitMs = 60_000;
const stores = ['nats-server', 'redis-server'];

let second: Machine | undefined;
let place: Place | undefined;

afterAll(() => (second === undefined ? place?.leave() : endMachine(second)));

/** What still runs, less the stores, which nobody tells that their parent is gone. */
const servicesLeft = async (folder: string): Promise<readonly string[]> => {
  const commands = (await markedProcesses(folder)).map(({ command }) => command);
  return commands.filter((command) => !stores.some((store) => command.includes(store)));
};

test('the services and pods end by themselves when their supervisor is gone', async () => {
  place = await createPlace();
  const { folder } = place;
  const first = await startWithSample('up', place);
  const answer = await askGateway(first.gatewayUrl, sampleHost, { limitMs });
  expect(answer.status).toBe(200);

  first.process.kill('SIGKILL');
  await first.process.ended;
  const seen = () => servicesLeft(folder);
  await until('no service and no pod is left', { limitMs, seen }, async () => {
    return (await seen()).length === 0;
  });
});

test('the next start ends what was left, and the workloads are back', async () => {
  if (place === undefined) throw new Error('There is nothing to come back to.');
  second = await startIn(place, 'up');
  const { process, gatewayUrl } = second;
  for (const store of stores) expect(process.err()).toMatch(new RegExp(`ended .*${store}`));
  expect(await shownOf(place, sampleWorkload)).toMatchObject({ name: 'autoscale-go', target: 10 });
  const answer = await askGateway(gatewayUrl, sampleHost, { limitMs });
  expect(answer.status).toBe(200);
});

test('the history goes on where it was', async () => {
  if (place === undefined) throw new Error('There is no history.');
  const history = await historyOf(place, sampleWorkload);
  expect(chainBreaks(history)).toEqual([]);
  expect(doubleIds(history)).toEqual([]);
  expect(await place.flyball('replay', 'verify', sampleWorkload)).toMatchObject({ code: 0 });
});
