/** What the log has of workloads whose pages tell nothing. */
import { expect, it } from 'vitest';
import { createBlindLog } from './blind-log.ts';

it('says why once for each time, and that it is over', () => {
  const said: unknown[] = [];
  const note = (what: object): void => void said.push(what);
  const tell = createBlindLog({ info: note, warn: note });
  tell('default/web', undefined);
  tell('default/web', '10.0.0.1 is silent');
  tell('default/web', '10.0.0.2 is silent');
  tell('default/other', 'there is no such series');
  tell('default/web', undefined);
  tell('default/web', '10.0.0.2 is silent');
  expect(said).toEqual([
    { workload: 'default/web', reason: '10.0.0.1 is silent' },
    { workload: 'default/other', reason: 'there is no such series' },
    { workload: 'default/web' },
    { workload: 'default/web', reason: '10.0.0.2 is silent' },
  ]);
});
