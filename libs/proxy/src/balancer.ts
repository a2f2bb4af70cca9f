/**
 * The pods behind one name: picks the one with the fewest requests in flight that has a free slot.
 */

import type { Clock } from './clock.ts';
import type { LivePod, Pod, PodProtocol } from './pod.ts';
import { closeConnections, openConnections } from './pod.ts';
import { defaultPodConnectionLimits, type PodConnectionLimits } from './pod-connections.ts';
import type { ProbeLimits, ProbeOptions, ProbePace } from './prober.ts';
import { createProbePace, defaultProbeLimits, startProbe } from './prober.ts';

/** Begins to try one pod, and tells when it accepts; the returned function ends the tries. */
export type SeekContact = (options: ProbeOptions) => () => void;

export interface BalancerOptions {
  /** Requests one pod may have at once; 0: no limit but `inFlightPerPodMax`. */
  readonly containerConcurrency?: number;
  /** Requests one pod is given at once where it sets no limit itself. Default 1,000. */
  readonly inFlightPerPodMax?: number;
  readonly connections?: Partial<PodConnectionLimits>;
  readonly probe?: Partial<ProbeLimits>;
  /** Shared by the balancers of one process. */
  readonly pace?: ProbePace;
  readonly clock?: Clock;
  /** How first contact with a pod is sought; by connecting to it, unless given. */
  readonly seekContact?: SeekContact;
  /** A pod began to accept connections: once per contact, again after it was lost. */
  readonly onReachable?: (pod: Pod) => void;
  /** A removed pod has ended its last request and its connections are closed. */
  readonly onClosed?: (pod: Pod) => void;
}

export interface PodAddress {
  readonly id: string;
  /** An IP address (or a name; it is looked up for each connection). */
  readonly host: string;
  readonly port: number;
  /** This proxy's share of the pod's slots; 0: none now. Without it the pod has all of them. */
  readonly slots?: number;
  /** How it is spoken to where the request leaves a choice; HTTP/1.1 unless given. */
  readonly protocol?: PodProtocol;
  /** True: known to accept already, so it is not probed first. */
  readonly reachable?: boolean;
}

/** Whoever waits for slots: pumped whenever there may be one. */
export interface Waiting {
  readonly ledger: { readonly waiting: number };
  pump(): void;
}

export interface Balancer {
  /** Adds a pod, or changes the address or share of the one with this id. */
  add(address: PodAddress): Pod;
  /** Gives the pod no new request; its connections close after its last one. False: not known. */
  remove(id: string): boolean;
  setContainerConcurrency(limit: number): void;
  /**
   * Takes a slot of the least loaded pod; null when none has one. Every slot must be released once.
   */
  acquire(): Pod | null;
  release(pod: Pod): void;
  /** The pod refused a connection: it gets no requests until a probe succeeds. */
  lost(pod: Pod): void;
  /** Who is pumped when slots become free. */
  attach(waiting: Waiting): void;
  /** The pods that are not leaving. */
  readonly pods: readonly Pod[];
  /** Requests in flight over all pods, leaving ones included. */
  readonly inFlight: number;
  /** Removes every pod. */
  close(): void;
}

const checked = (name: string, value: number): number => {
  if (Number.isInteger(value) && value >= 0) return value;
  throw new RangeError(`${name} is ${value}; allowed is a whole number of at least 0`);
};

class LeastLoaded implements Balancer {
  readonly #options: BalancerOptions;
  readonly #connections: PodConnectionLimits;
  readonly #probe: ProbeLimits;
  readonly #pace: ProbePace;
  readonly #byId = new Map<string, LivePod>();
  readonly #pods: LivePod[] = [];
  #containerConcurrency: number;
  #next = 0;
  #inFlight = 0;
  #waiting: Waiting | null = null;
  #pumpDue = false;

  constructor(options: BalancerOptions) {
    this.#options = options;
    this.#connections = { ...defaultPodConnectionLimits, ...options.connections };
    this.#probe = { ...defaultProbeLimits, ...options.probe };
    this.#pace = options.pace ?? createProbePace();
    this.#containerConcurrency = checked('containerConcurrency', options.containerConcurrency ?? 0);
  }

  get pods(): readonly Pod[] {
    return this.#pods;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  add(address: PodAddress): Pod {
    const known = this.#byId.get(address.id);
    if (known !== undefined) {
      if (known.host === address.host && known.port === address.port) {
        known.protocol = address.protocol ?? 'http1';
        this.#resize(known, address.slots ?? null);
        return known;
      }
      this.remove(address.id);
    }
    if (!Number.isInteger(address.port) || address.port < 1 || address.port > 65_535) {
      throw new RangeError(`port of pod ${address.id} is ${address.port}; allowed is 1 to 65535`);
    }
    const pod: LivePod = {
      id: address.id,
      host: address.host,
      port: address.port,
      phase: 'probing',
      inFlight: 0,
      slots: 0,
      ownSlots: null,
      protocol: address.protocol ?? 'http1',
      ...openConnections(address.host, address.port, this.#connections),
      stopProbe: null,
    };
    this.#byId.set(pod.id, pod);
    this.#pods.push(pod);
    this.#resize(pod, address.slots ?? null);
    if (address.reachable === true) this.#reached(pod);
    else this.#startProbe(pod);
    return pod;
  }

  remove(id: string): boolean {
    const pod = this.#byId.get(id);
    if (pod === undefined) return false;
    this.#byId.delete(id);
    this.#pods.splice(this.#pods.indexOf(pod), 1);
    pod.stopProbe?.();
    pod.stopProbe = null;
    pod.phase = 'leaving';
    if (pod.inFlight === 0) this.#close(pod);
    return true;
  }

  setContainerConcurrency(limit: number): void {
    this.#containerConcurrency = checked('containerConcurrency', limit);
    for (const pod of this.#pods) this.#resize(pod, pod.ownSlots);
  }

  acquire(): Pod | null {
    const pods = this.#pods;
    const count = pods.length;
    let best: LivePod | null = null;
    // A rotating start shares ties out evenly.
    this.#next = this.#next + 1 >= count ? 0 : this.#next + 1;
    for (let i = 0, at = this.#next; i < count; i++, at = at + 1 === count ? 0 : at + 1) {
      const pod = pods[at] as LivePod;
      if (pod.phase !== 'reachable' || pod.inFlight >= pod.slots) continue;
      if (best !== null && pod.inFlight >= best.inFlight) continue;
      best = pod;
      if (pod.inFlight === 0) break;
    }
    if (best === null) return null;
    best.inFlight++;
    this.#inFlight++;
    return best;
  }

  release(pod: Pod): void {
    const live = pod as LivePod;
    live.inFlight--;
    this.#inFlight--;
    if (live.phase === 'leaving') {
      if (live.inFlight === 0) this.#close(live);
    } else this.#available();
  }

  lost(pod: Pod): void {
    const live = pod as LivePod;
    if (live.phase !== 'reachable') return;
    live.phase = 'probing';
    this.#startProbe(live);
  }

  attach(waiting: Waiting): void {
    this.#waiting = waiting;
    this.#available();
  }

  close(): void {
    for (const pod of [...this.#pods]) this.remove(pod.id);
  }

  #resize(pod: LivePod, ownSlots: number | null): void {
    const most = this.#containerConcurrency || (this.#options.inFlightPerPodMax ?? 1_000);
    pod.ownSlots = ownSlots;
    pod.slots = ownSlots === null ? most : checked('slots', ownSlots);
    this.#available();
  }

  #startProbe(pod: LivePod): void {
    const { clock, seekContact = startProbe } = this.#options;
    pod.stopProbe = seekContact({
      host: pod.host,
      port: pod.port,
      limits: this.#probe,
      pace: this.#pace,
      ...(clock === undefined ? {} : { clock }),
      onReachable: () => this.#reached(pod),
    });
  }

  #reached(pod: LivePod): void {
    pod.stopProbe = null;
    pod.phase = 'reachable';
    this.#options.onReachable?.(pod);
    this.#available();
  }

  /**
   * Pumps in a microtask: slots are released from inside the HTTP parser of another connection,
   * which must not be entered a second time by the request that takes the slot.
   */
  #available(): void {
    if (this.#pumpDue || this.#waiting === null || this.#waiting.ledger.waiting === 0) return;
    this.#pumpDue = true;
    queueMicrotask(() => {
      this.#pumpDue = false;
      this.#waiting?.pump();
    });
  }

  #close(pod: LivePod): void {
    pod.phase = 'closed';
    closeConnections(pod, () => this.#options.onClosed?.(pod));
  }
}

/** A set of pods that requests are spread over. */
export const createBalancer = (options: BalancerOptions = {}): Balancer => new LeastLoaded(options);
