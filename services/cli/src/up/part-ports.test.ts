/** The file of the ports of parts that somebody else supervises. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeFiles } from '../testing/written-files.ts';
import { type PartPorts, readPartPorts } from './part-ports.ts';

const shipped = join(import.meta.dirname, '../../../../infra/tilt/ports.json');

it('of Tilt can be used', async () => {
  expect(await readPartPorts(shipped)).toMatchObject({ gateway: 8080 });
});

const changed = async (change: (ports: PartPorts) => object): Promise<PartPorts> => {
  const text = JSON.stringify(change(await readPartPorts(shipped)));
  await using files = await writeFiles({ 'ports.json': text });
  return await readPartPorts(files.pathOf('ports.json'));
};

it.each<readonly [string, (ports: PartPorts) => object]>([
  ['gateway: ', ({ gateway: _, ...others }) => others],
  ['health.decider: ', (ports) => ({ ...ports, health: { ...ports.health, decider: 0 } })],
  ['is given twice', (ports) => ({ ...ports, gateway: ports['nats-server'] })],
])('is refused: %s', async (why, change) => {
  await expect(changed(change)).rejects.toThrow(why);
});

it('is refused where there is none', async () => {
  await expect(readPartPorts('/nowhere/ports.json')).rejects.toThrow('/nowhere/ports.json');
});
