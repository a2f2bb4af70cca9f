/** The platform's pods as requests meet them: they accept, refuse, and take requests down. */
import type { WorkloadKey } from '@flyball/contracts';
import { createMemoryPlatform, type MemoryPlatform, type Steps } from '@flyball/platform';
import type { VirtualTime } from '@flyball/service/testing';
import { epochMs } from './process.ts';
import type { Random } from './random.ts';

/** Pods age by one step this often. */
const podStepMs = 100;

/** How pods of a workload start. */
export interface PodStart {
  readonly stepsMin: number;
  readonly stepsMax: number;
  /** The share that never becomes ready. */
  readonly never: number;
}

export const quickStart: PodStart = { stepsMin: 1, stepsMax: 4, never: 0 };

interface Contact {
  readonly address: string;
  readonly onReachable: () => void;
}

export class Pods {
  readonly platform: MemoryPlatform;
  start: PodStart = quickStart;
  readonly #contacts = new Set<Contact>();
  readonly #addresses = new Set<string>();
  readonly #steps = new Map<string, Steps>();
  readonly #random: Random;

  constructor(time: VirtualTime, random: Random, waitingChangesMax: number) {
    this.#random = random;
    this.platform = createMemoryPlatform({
      nowMs: () => epochMs + Math.floor(time.nowMs),
      readyAfterSteps: (pod) => this.#stepsOf(pod),
      goneAfterSteps: () => 2,
      waitingChangesMax,
    });
    const step = (): void => {
      time.after(podStepMs, step);
      this.platform.advance();
      this.#meet();
    };
    time.after(podStepMs, step);
  }

  /** Tells when the pod at this address accepts; the returned function ends the tries. */
  seekContact(address: string, onReachable: () => void): () => void {
    const contact = { address, onReachable };
    this.#contacts.add(contact);
    return () => void this.#contacts.delete(contact);
  }

  /** Does the pod at this address take requests, or finish those that it has? */
  accepts(address: string): boolean {
    return this.#addresses.has(address);
  }

  podsOf(workload: WorkloadKey): readonly string[] {
    return this.platform.pods(workload).map(({ pod }) => pod);
  }

  /** From now on pods start like this; those that never would, start now. */
  startLike(start: PodStart): void {
    this.start = start;
    for (const [pod, steps] of this.#steps) if (steps === 'when-told') this.#steps.delete(pod);
  }

  #stepsOf(pod: string): Steps {
    const known = this.#steps.get(pod);
    if (known !== undefined) return known;
    const { never, stepsMin, stepsMax } = this.start;
    const drawn = this.#random.chance(never)
      ? 'when-told'
      : this.#random.between(stepsMin, stepsMax);
    this.#steps.set(pod, drawn);
    return drawn;
  }

  #meet(): void {
    this.#addresses.clear();
    for (const { address, ready, unreadyReason } of this.platform.pods()) {
      if (address !== null && (ready || unreadyReason === 'draining')) this.#addresses.add(address);
    }
    for (const contact of [...this.#contacts]) {
      if (!this.#addresses.has(contact.address) || !this.#contacts.delete(contact)) continue;
      contact.onReachable();
    }
  }
}
