/** The activator's port without sockets: requests come in, wait, are served by pods, and end. */
import type { RequestHooks, RunningActivator, Upstream } from '@flyball/activator';
import type { WorkloadKey } from '@flyball/contracts';
import type { EndReason, HeldRequest, HoldTicket, Pod } from '@flyball/proxy';
import type { Pods } from './pods.ts';
import type { Process } from './process.ts';

/** A request that no pod accepted so often ends as 502, as the real one does. */
const attemptsMax = 10;

/** How one request ended, as its client knows it; `reset`: the activator died. */
export type RequestEnd = number | 'reset';

export interface Wish {
  readonly serviceMs: number;
  /** The client leaves if there is no answer by then. */
  readonly patienceMs: number;
  readonly traceparent: string;
  readonly onEnd: (end: RequestEnd) => void;
}

/** What an activator must have held, seen from the outside of it. */
export interface HeldTally {
  held: number;
  released: number;
  timedOut: number;
  shed: number;
  abandoned: number;
}

const emptyTally = (): HeldTally => ({
  held: 0,
  released: 0,
  timedOut: 0,
  shed: 0,
  abandoned: 0,
});

interface Port {
  readonly process: Process;
  readonly hooks: RequestHooks;
  readonly pods: Pods;
  readonly tallies: Map<string, HeldTally>;
  readonly open: Set<SimulatedRequest>;
}

const addressOf = ({ host, port }: Pod): string => `${host}:${port}`;

class SimulatedRequest implements HeldRequest {
  readonly method = 'GET';
  readonly path = '/';
  readonly host = '';
  readonly httpVersion = '1.1';
  readonly remoteAddress = '127.0.0.1';
  readonly rawHeaders: readonly string[] = [];
  readonly marked = false;
  readonly upgrade = null;
  readonly heldBytes = 100;
  readonly traceparent: string;
  pod: Pod | null = null;
  note: unknown = null;
  readonly #port: Port;
  readonly #upstream: Upstream;
  readonly #wish: Wish;
  #hasSlot = false;
  #ticket: HoldTicket | null = null;
  #deadlineMs: number | undefined = undefined;
  #attempts = 0;
  #cancelPatience = (): void => undefined;
  #ended = false;

  constructor(port: Port, upstream: Upstream, wish: Wish) {
    this.#port = port;
    this.#upstream = upstream;
    this.#wish = wish;
    this.traceparent = wish.traceparent;
  }

  start(): void {
    const { hooks, process, open } = this.#port;
    open.add(this);
    hooks.onStart(this.#upstream, this);
    this.#cancelPatience = process.clock.after(this.#wish.patienceMs, () => this.#clientLeaves());
    this.#place();
  }

  released(pod: Pod): void {
    this.#ticket = null;
    this.#tally().released += 1;
    this.#send(pod);
  }

  refused(end: 'timedOut' | 'shed'): void {
    this.#ticket = null;
    this.#tally()[end] += 1;
    this.#end(end === 'shed' ? 503 : 504, end);
  }

  /** The activator is no more: nobody in it learns how the request ended. */
  reset(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wish.onEnd('reset');
  }

  #place(): void {
    const { holding, pods } = this.#upstream;
    if (holding.ledger.waiting === 0) {
      const pod = pods.acquire();
      if (pod !== null) {
        this.#send(pod);
        return;
      }
    }
    this.#tally().held += 1;
    this.#ticket = holding.hold(this, this.#deadlineMs);
    if (this.#ticket !== null) this.#deadlineMs = holding.deadlineOf(this.#ticket);
  }

  #send(pod: Pod): void {
    const { process, pods } = this.#port;
    this.pod = pod;
    this.#hasSlot = true;
    this.#attempts += 1;
    if (pods.accepts(addressOf(pod))) {
      process.clock.after(this.#wish.serviceMs, () => this.#served(pod));
    } else this.#refusedByPod(pod);
  }

  #refusedByPod(pod: Pod): void {
    this.#upstream.pods.lost(pod);
    if (this.#attempts >= attemptsMax) {
      this.#end(502, 'podFailed');
      return;
    }
    this.#releasePod();
    queueMicrotask(() => {
      if (!this.#ended) this.#place();
    });
  }

  #served(pod: Pod): void {
    if (this.#ended) return;
    const answers = this.#port.pods.accepts(addressOf(pod));
    if (answers) this.#port.hooks.onFirstByte(this.#upstream, this);
    if (answers) this.#end(200, 'answered');
    else this.#end(502, 'podFailed');
  }

  #clientLeaves(): void {
    if (this.#ended) return;
    if (this.#ticket !== null) {
      this.#tally().abandoned += 1;
      this.#upstream.holding.abandon(this.#ticket);
    }
    this.#end(499, 'abandoned');
  }

  #releasePod(): void {
    if (!this.#hasSlot) return;
    this.#hasSlot = false;
    this.#upstream.pods.release(this.pod as Pod);
  }

  #end(status: number, reason: EndReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelPatience();
    this.#port.open.delete(this);
    this.#releasePod();
    this.#port.hooks.onEnd(this.#upstream, this, status, reason);
    this.#wish.onEnd(status);
  }

  #tally(): HeldTally {
    const { tallies } = this.#port;
    const { workload } = this.#upstream;
    const known = tallies.get(workload) ?? emptyTally();
    tallies.set(workload, known);
    return known;
  }
}

/** One activator as its clients reach it. */
export interface Gateway {
  readonly process: Process;
  /** By workload. */
  readonly tallies: ReadonlyMap<string, HeldTally>;
  readonly open: number;
  /** Requests that wait for a pod now. */
  waitingFor(workload: WorkloadKey): number;
  /** A request comes in; one for an unknown workload ends at once as 404. */
  take(workload: WorkloadKey, wish: Wish): void;
  /** The process is dead: every open request is cut. */
  cut(): void;
}

export const openGateway = (
  process: Process,
  { hooks, upstreams }: Pick<RunningActivator, 'hooks' | 'upstreams'>,
  pods: Pods,
): Gateway => {
  const port: Port = { process, hooks, pods, tallies: new Map(), open: new Set() };
  return {
    process,
    tallies: port.tallies,
    get open() {
      return port.open.size;
    },
    waitingFor: (workload) => upstreams.get(workload)?.holding.ledger.waiting ?? 0,
    take: (workload, wish) => {
      const upstream = upstreams.get(workload);
      if (upstream === undefined) wish.onEnd(404);
      else new SimulatedRequest(port, upstream, wish).start();
    },
    cut: () => {
      for (const request of port.open) request.reset();
      port.open.clear();
    },
  };
};
