/** A Knative Service and its objects for stories: what is planned is stored, as a cluster would. */
import { readFileSync } from 'node:fs';
import { defaultAutoscalerConfig } from '@flyball/knative';
import { canonicalJson } from '@flyball/platform/kubernetes';
import { parse } from 'yaml';
import { differs } from '../../objects/adjust.ts';
import type { ClusterObject, Deployment } from '../../objects/cluster-object.ts';
import type { KnativeService } from '../knative-service.ts';
import type { FoundObjects, Observed, ServingSettings } from '../observed.ts';
import { type Notice, planService, type ServicePlan } from '../plan-service.ts';
import type { Trouble } from '../pod-trouble.ts';
import { servingLabel } from '../serving-names.ts';

const samples = new URL('../../../../../samples/', import.meta.url);
/** A plan that is never done would be a loop of writes. */
const roundsMax = 8;

export const sampleService = (file: string): KnativeService => {
  const parsed = parse(readFileSync(new URL(file, samples), 'utf8')) as KnativeService;
  return { ...parsed, metadata: { ...parsed.metadata, uid: 'uid-service', generation: 1 } };
};

export class ServiceWorld {
  service: KnativeService;
  settings: ServingSettings;
  readonly notices: Notice[] = [];
  /** Of the pods of a revision. */
  readonly troubles = new Map<string, Trouble>();
  /** Writes of all rounds, as `create Deployment x`, `update …`, `delete …`, `status …`. */
  readonly writes: string[] = [];
  readonly #objects = new Map<string, ClusterObject>();
  #uids = 0;

  constructor(service: KnativeService, settings: Partial<ServingSettings> = {}) {
    this.service = service;
    this.settings = {
      config: defaultAutoscalerConfig,
      domain: 'example.com',
      revisionsKept: 1,
      withQueueProxy: (template) => template,
      nowMs: 1_767_225_600_000,
      ...settings,
    };
  }

  find<Kind extends keyof FoundObjects>(kind: Kind, name: string): FoundObjects[Kind] | undefined {
    return this.#objects.get(`${kind}/${name}`) as FoundObjects[Kind] | undefined;
  }

  /** The object, which must be there. */
  the<Kind extends keyof FoundObjects>(kind: Kind, name: string): FoundObjects[Kind] {
    const found = this.find(kind, name);
    if (found === undefined) throw new Error(`There is no ${kind} ${name}.`);
    return found;
  }

  put(object: ClusterObject): void {
    this.#objects.set(`${object.kind}/${object.metadata.name}`, object);
  }

  take(object: ClusterObject): void {
    this.#objects.delete(`${object.kind}/${object.metadata.name}`);
  }

  names(): string[] {
    return [...this.#objects.keys()];
  }

  get observed(): Observed {
    const labelled = [...this.#objects.values()].filter(
      ({ kind, metadata }) =>
        kind === 'Deployment' && metadata.labels?.[servingLabel.service] !== undefined,
    ) as Deployment[];
    return {
      deployments: labelled,
      find: (kind, name) => this.find(kind, name),
      troubleOf: (revision) => this.troubles.get(revision),
    };
  }

  /** Pods of a Deployment come and go. */
  run(name: string, { replicas, ready }: { replicas: number; ready: number }): void {
    const deployment = this.the('Deployment', name);
    const spec = { ...deployment.spec, replicas };
    this.put({ ...deployment, spec, status: { replicas, readyReplicas: ready } } as Deployment);
  }

  /** As `kubectl edit` would; the generation grows. */
  edit(spec: KnativeService['spec']): void {
    const { metadata } = this.service;
    const generation = (metadata.generation ?? 0) + 1;
    this.service = { ...this.service, metadata: { ...metadata, generation }, spec: spec ?? {} };
  }

  /** Plans and stores until nothing is left to do. */
  settle(): ServicePlan {
    for (let round = 1; round <= roundsMax; round += 1) {
      const plan = planService(this.service, { observed: this.observed, settings: this.settings });
      this.notices.push(...plan.notices);
      if (this.#store(plan) === 0) return plan;
    }
    throw new Error(`Something is written again and again: ${this.writes.slice(-3).join(', ')}`);
  }

  #wrote(verb: string, { kind, metadata }: ClusterObject): void {
    this.writes.push(`${verb} ${kind} ${metadata.name}`);
  }

  #store(plan: ServicePlan): number {
    const before = this.writes.length;
    for (const { object, current } of plan.wanted) {
      if (current !== undefined && !differs(current, object)) continue;
      this.#wrote(current === undefined ? 'create' : 'update', object);
      this.#uids += 1;
      const uid = current?.metadata.uid ?? `uid-${this.#uids}`;
      this.put({ ...object, metadata: { ...object.metadata, uid, generation: 1 } });
    }
    for (const object of plan.unwanted) {
      this.#wrote('delete', object);
      this.#objects.delete(`${object.kind}/${object.metadata.name}`);
    }
    for (const { object, status } of plan.statuses) {
      if (canonicalJson(object.status) === canonicalJson(status)) continue;
      this.#wrote('status', object);
      if (object === this.service) this.service = { ...this.service, status };
      else {
        const now = this.#objects.get(`${object.kind}/${object.metadata.name}`) ?? object;
        this.put({ ...now, status } as ClusterObject);
      }
    }
    return this.writes.length - before;
  }
}
