/** One request's life: routed, perhaps held, sent to a pod, answered, ended exactly once. */

import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { ClientSide } from './client-side.ts';
import type { EndReason, Failure } from './failure.ts';
import * as failures from './failure.ts';
import type { RequestHead } from './head-lines.ts';
import type { HoldTicket } from './holding-queue.ts';
import { connectionsFor, type LivePod, type Pod } from './pod.ts';
import type { ProxyCore } from './proxy-core.ts';
import type { HeldRequest } from './proxy-request.ts';
import type { RequestBody } from './request-body.ts';
import { RequestView, type UpgradeRequest } from './request-view.ts';
import type { ForwardTarget } from './route.ts';
import { splice, upgradeHead } from './splice.ts';

type Controller = Dispatcher.DispatchController;

/** Also the undici handler of its own request, so that one object serves the whole way. */
export class Exchange<T extends ForwardTarget>
  extends RequestView
  implements HeldRequest, Dispatcher.DispatchHandler
{
  readonly #core: ProxyCore<T>;
  /** Set by `start`, which comes before everything else here. */
  #target!: T;
  /** A slot of `pod` is taken for this request. */
  #hasSlot = false;
  #ticket: HoldTicket | null = null;
  /** When the first hold runs out; a request that is held again does not start anew. */
  #deadlineMs: number | undefined = undefined;
  #controller: Controller | null = null;
  #body: RequestBody | null = null;
  /** The client waits for 100 Continue before it sends its body. */
  #expectsContinue: boolean;
  #ended = false;
  #attempts = 0;
  #replays = 0;
  /** Bytes are on their way to the pod. */
  #sent = false;
  /** The pod has begun to answer. */
  #answering = false;
  #bodyBegun = false;
  #status = 0;
  /** Bytes of the response's body that are still to come; -1: not declared. */
  #left = -1;

  constructor(
    core: ProxyCore<T>,
    client: ClientSide,
    head: RequestHead,
    expectsContinue: boolean,
    upgrade: UpgradeRequest | null,
  ) {
    super(client, head, upgrade);
    this.#core = core;
    this.#expectsContinue = expectsContinue;
  }

  /** Begins: counted from here on until its one end. */
  start(target: T): void {
    this.#target = target;
    this.#core.inFlight++;
    this.client.onClosed(() => this.#clientGone());
    this.#core.hooks.onStart?.(target, this);
    this.#place(target);
  }

  /** Sends it to a pod that has a slot, or lets it wait; nobody who waits is overtaken. */
  #place(target: T): void {
    const { holding, pods } = target;
    if (holding === null || holding.ledger.waiting === 0) {
      const pod = pods.acquire();
      if (pod !== null) {
        this.#send(target, pod);
        return;
      }
    }
    if (holding !== null) {
      this.#ticket = holding.hold(this, this.#deadlineMs);
      if (this.#ticket !== null) this.#deadlineMs = holding.deadlineOf(this.#ticket);
    } else if (this.#attempts > 0) this.#fail(failures.refusedByPods(this.#attempts));
    else this.#fail(failures.noPod(this.#core.limits));
  }

  released(pod: Pod): void {
    this.#ticket = null;
    this.#send(this.#target, pod);
  }

  refused(end: 'timedOut' | 'shed'): void {
    this.#ticket = null;
    this.#fail(failures.holdFailure(end, this.#core.limits, this.#target.whyNoPod?.()));
  }

  #send(target: T, pod: Pod): void {
    const { limits, hooks } = this.#core;
    const { path, headers, hasBody } = this.head;
    this.pod = pod;
    this.#hasSlot = true;
    this.#attempts++;
    if (hasBody) {
      this.#body = this.client.openBody({
        bytesMax: limits.bodyBytesMax,
        idleTimeoutMs: limits.bodyIdleTimeoutMs,
        onFault: (fault) => this.#fail(failures.bodyFailure(fault, limits)),
      });
    }
    hooks.rewriteHeaders?.(headers, target, this);
    connectionsFor(pod as LivePod, this.head.isGrpc, this.upgrade).dispatch(
      {
        path,
        method: this.method,
        headers,
        // undici reads a body by its events; RequestBody has those of a Readable.
        body: this.#body as Readable | null,
        upgrade: this.upgrade,
        headersTimeout: target.responseStartTimeoutMs ?? limits.responseStartTimeoutMs,
        bodyTimeout: target.responseIdleTimeoutMs ?? limits.responseIdleTimeoutMs,
      },
      this,
    );
  }

  onRequestStart(controller: Controller): void {
    if (this.#ended) {
      controller.abort(new Error('The client left before its request was sent.'));
      return;
    }
    this.#controller = controller;
    this.#sent = true;
    if (this.#expectsContinue) {
      this.#expectsContinue = false;
      this.client.sendContinue();
    }
  }

  onResponseStarted(): void {
    this.#answering = true;
  }

  onResponseStart(controller: Controller, status: number, hints: object, reason?: string): void {
    if (this.#ended) return;
    const { client } = this;
    if (status < 200) {
      if (this.upgradeRequest === null) client.sendInterim(status, hints);
      return;
    }
    this.#status = status;
    if (this.#core.draining || this.#core.ending) client.closeAfter();
    const left = client.sendHead(status, reason, controller.rawHeaders as Buffer[]);
    if (left === null) {
      this.#fail(failures.codedByPod);
      return;
    }
    this.#left = left;
    this.#core.hooks.onFirstByte?.(this.#target, this, status);
    // Headers and a body that is here already leave in one write; a body to come is not waited for.
    if (this.#left === 0) return;
    queueMicrotask(() => {
      if (!this.#bodyBegun && !this.#ended) client.flushHead();
    });
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#ended) return;
    this.#bodyBegun = true;
    if (this.#left >= 0) this.#left -= chunk.length;
    if (this.#left === 0) {
      // Ends before undici does, so that the slot is free as soon as the client has its answer.
      this.#finish();
      this.client.end(chunk);
    } else this.client.sendChunk(chunk, controller);
  }

  onResponseEnd(controller: Controller): void {
    if (this.#ended) return;
    const trailers = controller.rawTrailers as Buffer[] | null;
    if (trailers !== null && trailers.length > 0) this.client.sendTrailers(trailers);
    this.#finish();
    this.client.end();
  }

  onRequestUpgrade(controller: Controller, status: number, _headers: object, pod: unknown): void {
    const podSocket = pod as Socket;
    const upgrade = this.upgradeRequest;
    if (this.#ended || upgrade === null) {
      podSocket.destroy();
      return;
    }
    const client = upgrade.socket;
    this.#status = status;
    upgrade.leaveHttp();
    client.write(upgradeHead(status, controller.rawHeaders as Buffer[]), 'latin1');
    this.#core.hooks.onFirstByte?.(this.#target, this, status);
    const joined = splice({
      client,
      pod: podSocket,
      clientHead: upgrade.takeEarlyBytes(),
      idleTimeoutMs: this.#core.limits.upgradeIdleTimeoutMs,
      onEnd: () => {
        this.#core.splices.delete(joined);
        this.#end(status, 'upgradeEnded');
      },
    });
    this.#core.splices.add(joined);
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    if (this.#ended) return;
    const fault = failures.requestFault(error);
    if (fault !== null) this.#fail(fault);
    else if (!this.#sent) this.#refusedByPod();
    else if (this.#mayGoElsewhere(error)) this.#tryAgain();
    else if (this.#mayReplay(error)) {
      this.#replays++;
      this.#tryAgain();
    } else this.#fail(failures.podFailure(error));
  }

  /** The pod said that it did nothing with it, and its body is whole. */
  #mayGoElsewhere(error: Error): boolean {
    if (this.#answering || this.#attempts >= this.#core.limits.attemptsMax) return false;
    return failures.wasRefused(error) && (this.#body?.bytes ?? 0) === 0;
  }

  #mayReplay(error: Error): boolean {
    if (this.#answering || this.#replays >= this.#core.limits.replaysMax) return false;
    return !this.upgradeRequest && failures.mayReplay(this.method, this.head.hasBody, error);
  }

  /** No byte was sent and the body is unread, so another pod can have the request as it is. */
  #refusedByPod(): void {
    if (this.pod !== null) this.#target.pods.lost(this.pod);
    if (this.#attempts >= this.#core.limits.attemptsMax)
      this.#fail(failures.refusedByPods(this.#attempts));
    else this.#tryAgain();
  }

  #tryAgain(): void {
    this.#sent = false;
    this.#controller = null;
    this.#body = null;
    this.#releasePod();
    // Not from inside the failing connection's own callback.
    queueMicrotask(() => {
      if (!this.#ended) this.#place(this.#target);
    });
  }

  #clientGone(): void {
    if (this.#ended) return;
    if (this.#ticket !== null) this.#target.holding?.abandon(this.#ticket);
    const controller = this.#controller;
    this.#end(499, 'abandoned');
    controller?.abort(new Error('The client closed its connection.'));
  }

  /** Answers with the failure, or cuts the response off when it has begun. */
  #fail(cause: Failure): void {
    if (this.#ended) return;
    const controller = this.#controller;
    const { client } = this;
    const begun = client.headSent;
    this.#end(begun ? this.#status : cause.refusal.status, cause.reason);
    this.#body?.destroy();
    controller?.abort(new Error(cause.refusal.message));
    if (begun) {
      client.cutOff(cause);
      return;
    }
    if (this.#core.draining || this.#core.ending) client.closeAfter();
    client.refuse(cause.refusal, cause.resetCode);
  }

  /** Ends well. The pod may answer before it has read the whole body; nobody else will read it. */
  #finish(): void {
    this.#end(this.#status, 'answered');
    if (!this.head.hasBody || this.client.bodyRead) return;
    this.#body?.destroy();
    this.client.discardBody();
  }

  #releasePod(): void {
    if (!this.#hasSlot) return;
    this.#hasSlot = false;
    this.#target.pods.release(this.pod as Pod);
  }

  #end(status: number, reason: EndReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#core.inFlight--;
    this.#releasePod();
    this.#core.hooks.onEnd?.(this.#target, this, status, reason);
  }
}
