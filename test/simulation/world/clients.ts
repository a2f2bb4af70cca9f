/** The clients: so many at a time, each asking again as soon as it was answered. */
import type { WorkloadKey } from '@flyball/contracts';
import type { VirtualTime } from '@flyball/service/testing';
import type { WorkloadPlan } from '../plan.ts';
import type { Gateway, RequestEnd } from './gateway.ts';
import type { Random } from './random.ts';

/** Pause of a client whom nobody answered, or only with an error. */
const againMs = 250;
const longFactor = 20;

/** Valid and never twice; made up of a count, as nothing depends on it. */
const traceparentOf = (count: number): string =>
  `00-${count.toString(16).padStart(32, '0')}-${count.toString(16).padStart(16, '0')}-01`;

export class Clients {
  /** By status, what all clients were told. */
  readonly answers = new Map<RequestEnd, number>();
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #gateways: Gateway[] = [];
  #sent = 0;
  #isOver = false;
  readonly #wanted = new Map<WorkloadKey, number>();
  readonly #active = new Map<WorkloadKey, number>();

  constructor(time: VirtualTime, random: Random, plans: readonly WorkloadPlan[]) {
    this.#time = time;
    this.#random = random;
    for (const plan of plans) {
      for (const { atMs, users } of plan.phases) time.after(atMs, () => this.#want(plan, users));
    }
  }

  found(gateway: Gateway): void {
    this.#gateways.push(gateway);
  }

  lost(gateway: Gateway): void {
    const at = this.#gateways.indexOf(gateway);
    if (at >= 0) this.#gateways.splice(at, 1);
  }

  /** Nobody asks again; what was asked may still be answered. */
  stop(): void {
    this.#isOver = true;
  }

  #want(plan: WorkloadPlan, users: number): void {
    const { workload } = plan;
    this.#wanted.set(workload, users);
    for (let more = this.#activeOf(workload); more < users; more += 1) {
      this.#active.set(workload, more + 1);
      this.#ask(plan);
    }
  }

  #activeOf(workload: WorkloadKey): number {
    return this.#active.get(workload) ?? 0;
  }

  #ask(plan: WorkloadPlan): void {
    if (this.#isOver) return;
    const { workload } = plan;
    const active = this.#activeOf(workload);
    if (active > (this.#wanted.get(workload) ?? 0)) {
      this.#active.set(workload, active - 1);
      return;
    }
    const to = this.#gateways.length === 0 ? undefined : this.#random.pick(this.#gateways);
    if (to === undefined) {
      this.#time.after(againMs, () => this.#ask(plan));
      return;
    }
    void this.#send(plan, to);
  }

  async #send(plan: WorkloadPlan, gateway: Gateway): Promise<void> {
    const random = this.#random;
    const { workload, serviceMsMin, serviceMsMax, long, patienceMs } = plan;
    const usualMs = random.between(serviceMsMin, serviceMsMax);
    const serviceMs = random.chance(long) ? usualMs * longFactor : usualMs;
    this.#sent += 1;
    const traceparent = traceparentOf(this.#sent);
    const onEnd = (end: RequestEnd): void => {
      this.answers.set(end, (this.answers.get(end) ?? 0) + 1);
      if (end === 200) queueMicrotask(() => this.#ask(plan));
      else this.#time.after(againMs, () => this.#ask(plan));
    };
    if (!gateway.process.isAlive) onEnd('reset');
    else if (gateway.process.isAwake || (await this.#waitsFor(gateway, patienceMs))) {
      gateway.take(workload, { serviceMs, patienceMs, traceparent, onEnd });
    } else onEnd('reset');
  }

  /** A frozen activator lets its clients wait, and a dead one does not answer. */
  #waitsFor(gateway: Gateway, patienceMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#time.after(patienceMs, () => resolve(false));
      void gateway.process.gate().then(() => {
        cancel();
        resolve(true);
      });
    });
  }
}
