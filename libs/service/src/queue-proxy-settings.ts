/** How the sidecars are that stand before the pods of others: for all who write them. */
import { integer, text } from './setting.ts';

const quantity = {
  pattern: /^\d+(\.\d+)?(m|[kKMGTPE]i?)?$/,
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
