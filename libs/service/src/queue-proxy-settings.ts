/** How the sidecars are that stand before the pods of others: for all who write them. */
import type { z } from 'zod';
import { variableOf } from './config.ts';
import { integer, text } from './setting.ts';

/** How many thousandths each suffix stands for. */
const thousandths: Readonly<Record<string, number>> = {
  ...{ m: 1, '': 1e3, k: 1e6, M: 1e9, G: 1e12, T: 1e15, P: 1e18, E: 1e21 },
  ...{ Ki: 1e3 * 2 ** 10, Mi: 1e3 * 2 ** 20, Gi: 1e3 * 2 ** 30 },
  ...{ Ti: 1e3 * 2 ** 40, Pi: 1e3 * 2 ** 50, Ei: 1e3 * 2 ** 60 },
};

const quantity = {
  pattern: new RegExp(`^\\d+(\\.\\d+)?(${Object.keys(thousandths).join('|')})$`),
  allowed: 'a quantity such as 25m or 96Mi',
};

export const queueProxySettings = {
  queueProxyCpu: text({ about: 'CPU that it requests.', fallback: '25m', ...quantity }),
  queueProxyCpuMax: text({
    about:
      'Processor that it may have, for namespaces whose quota asks for a limit; empty: no limit.',
    fallback: '',
    pattern: new RegExp(`^$|${quantity.pattern.source}`),
    allowed: `${quantity.allowed}, or nothing`,
  }),
  queueProxyMemory: text({ about: 'Memory that it requests.', fallback: '96Mi', ...quantity }),
  queueProxyMemoryMax: text({
    about: 'Memory limit.',
    fallback: '512Mi',
    ...quantity,
  }),
  keepAcceptingMs: integer({
    about: 'Time in which a terminating pod still accepts requests, as some are still sent to it.',
    fallback: 10_000,
    min: 0,
    max: 600_000,
  }),
};

type QueueProxyConfig = {
  readonly [Key in keyof typeof queueProxySettings]: z.output<(typeof queueProxySettings)[Key]>;
};

const thousandthsIn = (given: string): number => {
  const [, digits, suffix = ''] = /^([\d.]+)(\D*)$/.exec(given) ?? [];
  return Math.round(Number(digits) * (thousandths[suffix] ?? Number.NaN));
};

const limits = [
  { limit: 'queueProxyCpuMax', request: 'queueProxyCpu', otherwise: ', or nothing' },
  { limit: 'queueProxyMemoryMax', request: 'queueProxyMemory', otherwise: '' },
] as const;

/** For `superRefine`: the API server refuses each pod whose limit is below its request. */
export const assertQueueProxyLimits = (
  config: QueueProxyConfig,
  context: z.RefinementCtx,
): void => {
  for (const { limit, request, otherwise } of limits) {
    const [most, least] = [config[limit], config[request]];
    // Not so of one that is empty or no quantity.
    if (thousandthsIn(most) < thousandthsIn(least)) {
      const message = `at least ${variableOf(request)}, which is ${least}${otherwise}`;
      context.addIssue({ code: 'custom', path: [limit], message });
    }
  }
};
