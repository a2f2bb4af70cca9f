/** What the webhook tells Prometheus beside its calls to the API server. */
import { Counter, type Registry } from 'prom-client';

/** Questions of the API server, by where they were asked and what was answered. */
export const createReviews = (registry: Registry): Counter<'path' | 'outcome'> =>
  new Counter({
    name: 'flyball_webhook_reviews_total',
    help: 'Requests of the API server, by path and answer.',
    labelNames: ['path', 'outcome'] as const,
    registers: [registry],
  });
