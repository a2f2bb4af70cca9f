/** Kubernetes Events: what people see of an object with `kubectl describe`. */
import { OutsideError } from '@flyball/contracts';
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import type { Clock, Life } from '@flyball/service';
import type { ClusterObject } from './cluster-object.ts';
import { shortHash } from './json-values.ts';
import { namespacePath } from './object-path.ts';
import { controllerFieldManager } from './object-writer.ts';

/** The API's own limit of a message. */
const messageCharsMax = 1_024;

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  /** One word: `RevisionCreated`. */
  readonly reason: string;
  readonly message: string;
}

export interface EventRecorder {
  /**
   * Told once a minute at most where it is the same; what cannot be told is only logged. `atMs` is
   * when it was so, now by default.
   */
  record(object: ClusterObject, text: EventText, atMs?: number): Promise<void>;
}

export interface EventRecorderParts {
  readonly access: Pick<ClusterAccess, 'request'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Pick<Life['logger'], 'warn'>;
  /** The pod's own name. */
  readonly instance: string;
}

const sameForMs = 60_000;

const eventOf = (
  { apiVersion, kind, metadata }: ClusterObject,
  { type, reason, message }: EventText,
  { atMs, instance }: { atMs: number; instance: string },
) => {
  const { name, namespace = '', uid = '', resourceVersion = '' } = metadata;
  const minute = Math.floor(atMs / sameForMs);
  const at = new Date(atMs).toISOString();
  const second = `${at.slice(0, 19)}Z`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${name.slice(0, 200)}.${shortHash([uid, kind, reason, message, minute])}`,
      namespace,
    },
    involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion },
    ...{ type, reason, message: message.slice(0, messageCharsMax) },
    ...{ firstTimestamp: second, lastTimestamp: second, count: 1 },
    eventTime: `${at.slice(0, 23)}000Z`,
    action: reason,
    source: { component: controllerFieldManager },
    reportingComponent: 'flyball.dev/controller',
    reportingInstance: instance,
  };
};

export const createEventRecorder = (parts: EventRecorderParts): EventRecorder => {
  const { access, clock, logger, instance } = parts;
  return {
    record: async (object, text, atMs = clock.nowMs()) => {
      const body = eventOf(object, text, { atMs, instance });
      const path = namespacePath(body, body.metadata.namespace);
      try {
        await access.request({ method: 'POST', path, body });
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error;
        // There already: it was told within this minute.
        if (error.code === 'PLATFORM_CONFLICT') return;
        logger.warn({ err: error, reason: text.reason }, 'an Event could not be told');
      }
    },
  };
};
