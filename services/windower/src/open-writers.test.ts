/** What a windower keeps of the minutes that it told, of workloads that come and go. */
import { minutesSubject } from '@flyball/contracts';
import { expect, it } from 'vitest';
import { fencesToKeep, openWriters } from './open-writers.ts';
import { bareTenure, partition } from './testing/bare-tenure.ts';

const position = { streamCreatedAt: '', seq: 0, eventId: '' };
/** The writer's own limit. */
const fencesMax = 4_096;

it('the fences of minutes are not more with each name that a workload ever had', () => {
  const { tenure } = bareTenure();
  const writers = openWriters(tenure, { fences: {}, position }, tenure.checks);
  const subjects = Array.from({ length: fencesMax + 500 }, (_, revision) =>
    minutesSubject(partition, `default/web-${revision}`),
  );
  const kept = () => subjects.filter((subject) => writers.minutes.fence(subject) !== undefined);
  subjects.forEach((subject, at) => {
    writers.minutes.note(subject, { seq: at + 1, chain: '' });
  });
  expect(fencesToKeep({ ...tenure, ...writers })).toEqual({});
  // Those that were told last.
  expect(kept()).toEqual(subjects.slice(500));
});
