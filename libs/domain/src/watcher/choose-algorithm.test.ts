/** Switches of the algorithm: who must be able to do it, who is refused, and what stays. */
import type { AnyEvent } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import {
  config,
  listed,
  listing,
  newestAlgorithm,
  opening,
  story,
  unseen,
  workload,
} from '../testing/watched-story.ts';
import type { WatcherEvent } from './input.ts';
import { watcherSnapshot, watcherStateFrom } from './state.ts';

const asking = (algorithm: string) => workload({ annotations: { algorithm } });

/** What was said of policies, as `set 2` or `refused 2`. */
const policies = (said: readonly WatcherEvent[]): string[] =>
  (said as readonly AnyEvent[]).flatMap((event) => {
    if (event.type === 'PolicySet') return [`set ${event.data.policy.algorithm}`];
    if (event.type !== 'PolicyRefused') return [];
    return event.data.complaints.map(({ value }) => `refused ${value}`);
  });
const complaintIn = (said: readonly WatcherEvent[]) =>
  (said as readonly AnyEvent[]).flatMap((event) =>
    event.type === 'PolicyRefused' ? event.data.complaints : [],
  )[0];

/** Two releases of the decider, one of which knows one version more. */
const old = { old: [1, 2] };
const young = { young: [1, 2, 3] };

describe('a workload that asks for no version', () => {
  it('is decided by the newest that every living decider can do', () => {
    const { see, live } = story();
    live({ ...old, ...young });
    expect(policies(see(...opening))).toEqual(['set 2']);
  });

  it('is told why a newer one waits, without the names of those that come and go', () => {
    const { see, live } = story();
    live({ ...old, ...young });
    const said = see(...opening);
    expect(said.at(-1)?.data).toMatchObject({
      warnings: [
        'algorithm 3 is the newest here; algorithm 2 is in force until every living decider ' +
          'can do it',
      ],
    });
    expect(live({ older: [1, 2], ...young })).toEqual([]);
  });

  it('is switched as soon as the last one that cannot is gone, by an event', () => {
    const { see, live } = story();
    live({ ...old, ...young });
    see(...opening);
    expect(policies(live(young))).toEqual(['set 3']);
    expect(live(young)).toEqual([]);
  });

  it('is moved back for a decider that comes and cannot do it: someone must decide', () => {
    const { see, live } = story();
    live(young);
    see(...opening);
    expect(policies(live({ ...old, ...young }))).toEqual(['set 2']);
  });

  it('stays where it is while no decider lives', () => {
    const { see, live } = story();
    live(old);
    expect(policies(see(...opening))).toEqual(['set 2']);
    expect(live({})).toEqual([]);
    expect(policies(live(young))).toEqual(['set 3']);
  });

  it('begins by the newest version known here when no decider lives', () => {
    const { see, live } = story();
    live({});
    expect(policies(see(...opening))).toEqual([`set ${newestAlgorithm}`]);
    expect(live(young)).toEqual([]);
  });

  it('stays where it is when the deciders have no version in common', () => {
    const { see, live } = story();
    live(old);
    see(...opening);
    expect(live({ ...old, strange: [4] })).toEqual([]);
  });

  it('is never given a version that the settings cannot be read for', () => {
    const { see, live } = story();
    live({ future: [2, 3, 4, 5] });
    expect(policies(see(...opening))).toEqual([`set ${newestAlgorithm}`]);
  });
});

describe('a version that is asked for', () => {
  it('is refused while a living decider cannot do it, and the policy in force stays', () => {
    const { see, live } = story();
    live({ ...old, ...young });
    see(...opening);
    const said = see(asking('3'));
    expect(policies(said)).toEqual(['refused 3']);
    expect(complaintIn(said)).toEqual({
      path: '',
      key: 'algorithm',
      value: '3',
      allowed: 'what every living decider can do: 1, 2',
      message:
        'algorithm 3 cannot be done by decider old (can do 1, 2); the policy in force, ' +
        'by algorithm 2, stays until every living decider can',
    });
  });

  it('comes into force by itself when the last one that cannot is gone', () => {
    const { see, live } = story();
    live({ ...old, ...young });
    see(...opening);
    see(asking('3'));
    expect(policies(live(young))).toEqual(['set 3']);
  });

  it('may be older than what is in force', () => {
    const { see, live } = story();
    live(young);
    see(...opening);
    expect(policies(see(asking('1')))).toEqual(['set 1']);
  });

  it('leaves a new workload without a policy until it can be done', () => {
    const { see, live } = story();
    live(old);
    const said = see(listing, config(undefined), asking('3'), listed);
    expect(policies(said)).toEqual(['refused 3']);
    expect(complaintIn(said)?.message).toContain('there is no policy until');
    expect(policies(live(young))).toEqual(['set 3']);
  });

  it('stays in force when a decider comes that cannot do it, and says so until it goes', () => {
    const { see, live } = story();
    live(young);
    see(listing, config(undefined), asking('3'), listed);
    expect(policies(live({ ...old, ...young }))).toEqual(['refused 3']);
    expect(policies(live(young))).toEqual(['set 3']);
  });

  it('is believed of the first policy, and of the same again, when no decider lives', () => {
    const { see, live } = story();
    live({});
    expect(policies(see(listing, config(undefined), asking('2'), listed))).toEqual(['set 2']);
    const said = see(asking('3'));
    expect(policies(said)).toEqual(['refused 3']);
    expect(complaintIn(said)?.message).toContain('no decider lives that could do algorithm 3');
    expect(policies(live(young))).toEqual(['set 3']);
  });

  it('is asked of all by the config, refused of each, and named by its key', () => {
    const { see, live } = story();
    live(old);
    see(...opening);
    const said = see(config({ algorithm: '3' }));
    expect([policies(said), complaintIn(said)?.key]).toEqual([['refused 3'], 'algorithm']);
    expect(policies(see(config(undefined)))).toEqual(['set 2']);
  });

  it('is refused together with what else is wrong', () => {
    const { see, live } = story();
    live(old);
    see(...opening);
    const said = see(workload({ annotations: { algorithm: '3', target: 'ten' } }));
    expect(policies(said)).toEqual(['refused ten', 'refused 3']);
  });

  it('names a few of many deciders, and counts the rest', () => {
    const { see, live } = story();
    const many = Array.from({ length: 8 }, (_, number) => [`d${number}`, [1]]);
    live(Object.fromEntries(many));
    see(...opening);
    const { message = '' } = complaintIn(see(asking('2'))) ?? {};
    expect(message).toContain('decider d4 (can do 1) and 3 more;');
  });
});

it('a watcher that takes over knows what is in force, and says only what changed', () => {
  const first = story();
  first.live(old);
  first.see(...opening);
  const stored = JSON.parse(JSON.stringify(watcherSnapshot(first.state())));
  const second = story(watcherStateFrom(stored, 0), 'b');
  second.live({});
  expect(second.see(...opening)).toEqual([]);
  expect(policies(second.live(young))).toEqual(['set 3']);
});

it('a switch waits while the platform is unseen', () => {
  const { see, live } = story();
  live(old);
  see(...opening);
  see(unseen);
  expect(live(young)).toEqual([]);
  expect(policies(see(...opening))).toEqual(['set 3']);
});
