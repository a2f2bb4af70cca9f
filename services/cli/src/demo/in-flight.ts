/** Asks the activator how many requests are in flight now. */
import { plainSamples } from '@flyball/domain';
import type { RunRecord } from '../up/data-folder.ts';

const askLimitMs = 400;

/** Requests in flight at the gateway, from its /metrics. */
export const activatorInFlight = async ({ healthUrls }: RunRecord): Promise<number> => {
  const answer = await fetch(`${healthUrls.activator}/metrics`, {
    signal: AbortSignal.timeout(askLimitMs),
  });
  return plainSamples(await answer.text()).get('flyball_activator_in_flight_requests') ?? 0;
};
