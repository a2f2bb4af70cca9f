/** What protects the world outside: one owner at a time. */
import { inFile, type MutationGroup } from '../mutation.ts';

const leasing = 'libs/event-log/src';
const inHeld = inFile(`${leasing}/leases/held-leases.ts`);
const inRenewal = inFile(`${leasing}/leases/renewal.ts`);
const inSight = inFile(`${leasing}/leases/lease-sight.ts`);

export const ownership: MutationGroup = {
  name: 'ownership',
  about: 'one owner for each partition: it stops before another may begin',
  runs: [
    {
      project: 'story',
      files: [`${leasing}/leases`, `${leasing}/leases.test.ts`],
      without: ['**/*.integration.test.ts'],
    },
    { project: 'story', files: [`${leasing}/leases.property.test.ts`] },
  ],
  mutations: [
    inHeld(
      'lease',
      'an owner whose time is over says that it owns',
      'return this.#options.clock.monotonicMs() < this.#validUntilMs;',
      'return this.#validUntilMs > 0;',
    ),
    inHeld(
      'lease',
      'the work of an owner whose time is over goes on',
      'clock.after(leftMs, () => this.#lapse())',
      'clock.after(leftMs, () => {})',
    ),
    inHeld(
      'lease',
      'the time of an owner is longer than others wait',
      'startedAtMs + ownedForMs',
      'startedAtMs + 2 * ownedForMs',
    ),
    inHeld(
      'lease',
      'a renewal that comes too late brings back what was lost',
      'if (!this.isValid) this.#lapse();',
      '',
    ),
    inHeld(
      'lease',
      'a taking that is answered too late counts',
      'if (this.isValid && lapses === this.#lapses) ',
      'if (revision > 0) ',
    ),
    inHeld(
      'lease',
      'a partition is taken on whatever revision it is',
      'await bucket.set(partitionKey(stage, partition), value, expected);',
      'await bucket.put(partitionKey(stage, partition), value);',
    ),
    inHeld(
      'lease',
      'an owner does not hear that another took over',
      'revision > held.revision)',
      'revision < 0)',
    ),
    inHeld(
      'lease',
      'a lease is given back before its work has stopped',
      'await within(this.#options.clock, stopWorkMs, Promise.allSettled([stopping]));',
      '',
    ),
    inRenewal(
      'lease',
      'the time counts from the answer, not from the question',
      'onRenewed(startedAtMs);',
      'onRenewed(clock.monotonicMs());',
    ),
    inRenewal(
      'lease',
      'a renewal counts although what is stored is in doubt',
      'if (this.inDoubt) return false;',
      '',
    ),
    inSight(
      'lease',
      'a partition is taken before its owner was silent for long enough',
      'new FadeTimers(options.clock, abandonedAfterMs,',
      'new FadeTimers(options.clock, 0,',
    ),
  ],
};
