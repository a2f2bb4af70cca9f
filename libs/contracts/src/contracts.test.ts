/** The tables of events, pens, subjects and users hold together. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvent, readData } from './define-event.ts';
import { generateDocuments } from './documents/index.ts';
import { eventNames } from './events/index.ts';
import { natsPermissions, natsUsers } from './nats-permissions.ts';
import { partitionOf } from './partition.ts';
import { type Pen, pens, stages } from './pens.ts';
import { parseSubject, partitionSubject, workloadFilter, workloadSubject } from './subjects.ts';
import type { WorkloadKey } from './workload.ts';

const penNames = Object.keys(pens) as Pen[];

/** Does a NATS pattern (`*` one token, `>` the rest) cover a subject? */
const covers = (pattern: string, subject: string): boolean => {
  const [want, have] = [pattern.split('.'), subject.split('.')];
  const rest = want.indexOf('>');
  const length = rest < 0 ? want.length : rest;
  if (rest < 0 ? have.length !== length : have.length <= length) return false;
  return want.slice(0, length).every((token, index) => token === '*' || token === have[index]);
};

const mayPublish = (user: (typeof natsUsers)[number], subject: string): boolean => {
  const { allow, deny } = natsPermissions(user).publish;
  const some = (patterns: readonly string[]) => patterns.some((one) => covers(one, subject));
  return some(allow) && !some(deny);
};

const subjectsOfPens: readonly [Pen, string][] = penNames.map((pen) => {
  const subject = pens[pen].subject.replace('.requests.*', '.requests.gw0');
  const stage = pen === 'deadLetters' ? 'decider' : '';
  return [
    pen,
    subject.replace(/deadletters\.\*\.\*/, `deadletters.0.${stage}`).replaceAll('*', 'x'),
  ];
});

describe('pens', () => {
  it('hold every event exactly once', () => {
    const written = penNames.flatMap((pen) => [...pens[pen].events]);
    expect([...written].sort()).toEqual([...eventNames].sort());
  });

  it.each(subjectsOfPens)('let only their own stages write %s', (pen, subject) => {
    const writers = [...stages, 'operator' as const].filter((one) => mayPublish(one, subject));
    const own = pen === 'deadLetters' ? ['decider'] : [...pens[pen].stages];
    expect(writers.sort()).toEqual(own.sort());
    expect(mayPublish('reader', subject)).toBe(false);
    expect(mayPublish('keeper', subject)).toBe(false);
  });

  it('let the controller write none of them, and its own leases and snapshots', () => {
    const written = subjectsOfPens.filter(([, subject]) => mayPublish('controller', subject));
    expect(written).toEqual([]);
    for (const bucket of ['leases', 'snapshots']) {
      expect(mayPublish('controller', `$KV.${bucket}.controller.3`)).toBe(true);
      expect(mayPublish('controller', `$KV.${bucket}.decider.3`)).toBe(false);
    }
  });

  it('let nobody but the keeper purge', () => {
    const purgers = natsUsers.filter((user) => mayPublish(user, '$JS.API.STREAM.PURGE.EVENTS'));
    expect(purgers).toEqual(['keeper', 'admin']);
  });
});

describe('subjects', () => {
  it('say back which partition, workload and pen they are', () => {
    const subject = workloadSubject(5, 'team-a/web.api', 'requests', 'gw0-x1');
    expect(subject).toBe('flyball.events.5.team-a.web_api.requests.gw0-x1');
    expect(parseSubject(subject)).toEqual({
      partition: 5,
      workload: 'team-a/web.api',
      tail: 'requests.gw0-x1',
    });
    expect(parseSubject(partitionSubject(5, 'ticks'))).toEqual({ partition: 5, tail: 'ticks' });
  });

  it('are covered by the filter of their workload, and by no other', () => {
    const decisions = workloadSubject(2, 'default/web', 'decisions');
    expect(covers(workloadFilter(2, 'default/web'), decisions)).toBe(true);
    expect(covers(workloadFilter(2, 'default/web-2'), decisions)).toBe(false);
  });
});

describe('partitions', () => {
  it('are those of FNV-1a', () => {
    expect(partitionOf('foobar' as WorkloadKey, 0x1_0000_0000)).toBe(0xbf9cf968);
  });

  it('are used evenly', () => {
    const counts = new Array<number>(8).fill(0);
    for (let index = 0; index < 8_000; index += 1) {
      const partition = partitionOf(`team-${index % 40}/service-${index}`, 8);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(800);
  });
});

describe('versions', () => {
  const Moved = defineEvent('Moved', 'For this test.', z.strictObject({ steps: z.int() }), [
    (v1: { step: number }) => ({ steps: v1.step }),
  ]);

  it('are one more than the upcasts', () => {
    expect(Moved.version).toBe(2);
  });

  it('are read up to the newest shape', () => {
    expect(readData(Moved, 1, { step: 4 })).toEqual({ ok: true, data: { steps: 4 } });
    expect(readData(Moved, 2, { steps: 4 })).toEqual({ ok: true, data: { steps: 4 } });
  });

  it('are refused when their data is not what the upcast expects', () => {
    const reason = expect.stringContaining('Moved v1 cannot be brought up to date: TypeError');
    expect(readData(Moved, 1, null)).toEqual({ ok: false, reason });
  });

  it('are refused when they are not known, with what is', () => {
    const reason = 'Moved v3 is unknown here; known: 1 to 2';
    expect(readData(Moved, 3, { steps: 4 })).toEqual({ ok: false, reason });
  });
});

describe('generated documents', () => {
  it('name every event, pen and user', () => {
    const documents = generateDocuments();
    for (const name of eventNames) expect(documents['docs/events.md']).toContain(`## ${name}\n`);
    for (const pen of penNames) expect(documents['docs/subjects.md']).toContain(`| \`${pen}\` |`);
    expect(Object.keys(JSON.parse(documents['infra/nats/permissions.json'] ?? ''))).toEqual([
      ...natsUsers,
    ]);
  });
});
