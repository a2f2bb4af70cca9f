/** What each label of a metric says, wherever it stands; docs/metrics.md lists them. */
import { coldStartPhaseNames } from '@flyball/domain';

const listed = (values: readonly string[]): string =>
  values.map((value) => `\`${value}\``).join(', ');

const queues = [
  ...['appends', 'events_outbox', 'samples_outbox', 'held_requests', 'held_bytes'],
  ...['platform_writes', 'scrapes', 'pages'],
];
const reasons = ['start', 'fenced', 'lost', 'broken-input', 'refold', 'ended'];

const results = [
  `of an append ${listed(['stored', 'duplicate', 'fenced'])}`,
  'of a command `ok` or an error code',
  `of a scrape ${listed(['answered', 'silent'])}`,
  `of a workload's own pages ${listed(['told', 'blind'])}`,
];

export const labelMeanings: Readonly<Record<string, string>> = {
  call: `the call to Redis: ${listed(['load', 'write', 'clear'])}`,
  code: 'of requests and calls the HTTP status; of failures the code of [errors.md](errors.md)',
  command: `the command to the platform: ${listed(['ApplyScale', 'ApplyRouting'])}`,
  connection: '`nats`, or `keeper` for the one that may purge',
  end: `how a held request ended: ${listed(['released', 'timed_out', 'shed', 'abandoned'])}`,
  namespace: "the workload's; `honorLabels` keeps it apart from Prometheus' own label of that name",
  outcome: 'the answer: `allowed`, `denied`, or `refused` as not a valid request',
  partition: 'its number; `all` for a reader of the whole log',
  path: 'of the webhook: `/inject`, `/inject-namespace`, `/validate` or `other`',
  pen: 'the right to write that was used: see [subjects.md](subjects.md)',
  phase: `of a cold start, in order: ${listed(coldStartPhaseNames)}`,
  queue: listed(queues),
  reason: `why a state was recovered: ${listed(reasons)}`,
  resource: 'of the Kubernetes API, such as `deployments/scale`',
  result: results.join('; '),
  seen: '`measured`, `blind` (nothing could be measured) or `unobserved` (no pods, nothing held)',
  source: 'who reports samples',
  state: 'of a pod: `ready`, `starting`, `draining`, `crashed`, `probe-failed` or `unknown`',
  stream: listed(['EVENTS', 'SAMPLES']),
  verb: 'of the Kubernetes API: `get`, `list`, `watch`, `patch` …',
  workload: 'its name, without the namespace',
};
