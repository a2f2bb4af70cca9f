/** Whether what the loops look at is seen: in the log, and in the service's readiness. */
import type { ObjectCache } from '@flyball/platform/kubernetes';
import type { Condition, Life } from '@flyball/service';

/** What of a cluster is followed, by the name of its kind. */
export type SeenKinds = Readonly<
  Record<string, Pick<ObjectCache<unknown>, 'isSynced' | 'onChange'>>
>;

/**
 * Without one of them the loops that need it stand still: that is never without a word. The
 * condition, if there is one, holds while all are seen.
 */
export const watchSight = (
  kinds: SeenKinds,
  logger: Pick<Life['logger'], 'info' | 'warn'>,
  condition?: Condition,
): void => {
  const reasons = new Map<string, string>();
  const settle = (): void => {
    const [blind] = reasons;
    if (blind !== undefined) condition?.set(false, `${blind[0]}: ${blind[1]}`);
    else if (Object.values(kinds).every((cache) => cache.isSynced())) {
      condition?.set(true, 'the cluster is seen');
    }
  };
  for (const [kind, cache] of Object.entries(kinds)) {
    cache.onChange((change) => {
      if (change.kind === 'unseen') {
        if (!reasons.has(kind)) logger.warn({ kind, reason: change.reason }, 'it is not seen');
        reasons.set(kind, change.reason);
      } else if (change.kind === 'synced') {
        if (reasons.delete(kind)) logger.info({ kind }, 'it is seen again');
      } else return;
      settle();
    });
  }
};
