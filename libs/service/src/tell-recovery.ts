/** Tells a span of each recovery of a stage: of the takeover, and of nothing that it read again. */
import { recoverSpan } from '@flyball/telemetry';
import type { Life } from './life.ts';
import type { RecoveryFacts } from './recovery-facts.ts';

type TellRecovery = { readonly onRecovered?: (facts: RecoveryFacts) => void };

/** For the options of a stage's loop; empty where nobody listens. */
export const tellRecovery = (
  { telemetry, service, incarnation }: Life,
  partition: number,
): TellRecovery => {
  if (!telemetry.isOn) return {};
  const onRecovered = ({ from, messages, startedAtMs, endedAtMs }: RecoveryFacts): void => {
    const isShortened = from === 'snapshot' || from === 'memory';
    telemetry.tell(
      recoverSpan({
        ...{ stage: service, instance: incarnation, partition, events: messages },
        ...{ from: isShortened ? from : 'log', startMs: startedAtMs, endMs: endedAtMs },
      }),
    );
  };
  return { onRecovered };
};
