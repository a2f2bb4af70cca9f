/** The NATS users and what each may do, derived from the table of pens. */
import { type Pen, type PenHolder, pens, type StageName, stages } from './pens.ts';
import { buckets, streams } from './subjects.ts';

export interface NatsPermissions {
  readonly publish: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  readonly subscribe: readonly string[];
}

/**
 * Every NATS user: one per stage, the keeper who alone may purge, the controller that reads and
 * owns partitions, a reader, the operator who settles dead letters, and the set-up.
 */
export const natsUsers = [
  ...stages,
  'keeper',
  'controller',
  'reader',
  'operator',
  'admin',
] as const;
export type NatsUser = (typeof natsUsers)[number];

const readStream = (stream: string): string[] => [
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.STREAM.MSG.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}.>`,
  `$JS.API.CONSUMER.CREATE.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}.>`,
  `$JS.API.CONSUMER.INFO.${stream}.>`,
  `$JS.API.CONSUMER.DELETE.${stream}.>`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.>`,
  `$JS.FC.${stream}.>`,
];

const readBucket = (bucket: string): string[] => readStream(`KV_${bucket}`);

const streamsReadBy: Record<StageName, readonly string[]> = {
  collector: [streams.events, streams.samples, streams.deadLetters],
  windower: [streams.events, streams.samples, streams.minutes, streams.deadLetters],
  decider: [streams.events, streams.deadLetters],
  actuator: [streams.events, streams.deadLetters],
  watcher: [streams.events, streams.deadLetters],
  activator: [streams.events, streams.deadLetters],
};

const penSubjects = (holder: PenHolder): string[] =>
  (Object.keys(pens) as Pen[])
    .filter((pen) => pen !== 'deadLetters' && pens[pen].stages.some((name) => name === holder))
    .map((pen) => pens[pen].subject);

/** What the wildcards of a stage's pens would cover although it is another stage's pen. */
const foreignSubjects = (stage: StageName): string[] =>
  stage === 'activator' ? [pens.lost.subject] : [];

const inboxOf = (user: NatsUser): string => `_INBOX.${user}.>`;

const stagePermissions = (stage: StageName): NatsPermissions => ({
  publish: {
    allow: [
      ...penSubjects(stage),
      `flyball.deadletters.*.${stage}`,
      `$KV.${buckets.leases}.${stage}.>`,
      `$KV.${buckets.snapshots}.${stage}.>`,
      '$JS.API.INFO',
      ...streamsReadBy[stage].flatMap(readStream),
      ...readBucket(buckets.leases),
      ...readBucket(buckets.snapshots),
    ],
    deny: foreignSubjects(stage),
  },
  subscribe: [inboxOf(stage)],
});

const readerPublish = [
  '$JS.API.INFO',
  ...Object.values(streams).flatMap(readStream),
  ...Object.values(buckets).flatMap(readBucket),
];

/**
 * What a user may publish and subscribe to. `reader` may also subscribe to the events themselves
 * (`nats sub 'flyball.events.>'`); `admin` makes the streams and is used by nothing that runs on.
 */
export const natsPermissions = (user: NatsUser): NatsPermissions => {
  if (user === 'admin') return { publish: { allow: ['>'], deny: [] }, subscribe: ['>'] };
  if (user === 'reader') {
    return { publish: { allow: readerPublish, deny: [] }, subscribe: [inboxOf(user), 'flyball.>'] };
  }
  if (user === 'operator') {
    const allow = [...penSubjects(user), ...readerPublish];
    return { publish: { allow, deny: [] }, subscribe: [inboxOf(user)] };
  }
  if (user === 'controller') {
    const own = [
      'flyball.deadletters.*.controller',
      `$KV.${buckets.leases}.controller.>`,
      `$KV.${buckets.snapshots}.controller.>`,
    ];
    const allow = [...own, ...readerPublish];
    return { publish: { allow, deny: [] }, subscribe: [inboxOf(user)] };
  }
  if (user === 'keeper') {
    return {
      publish: {
        allow: [
          ...readerPublish,
          `$JS.API.STREAM.PURGE.${streams.events}`,
          // Removes the heartbeats of activators that vanished.
          `$KV.${buckets.leases}.activator.>`,
        ],
        deny: [],
      },
      subscribe: [inboxOf(user)],
    };
  }
  return stagePermissions(user);
};
