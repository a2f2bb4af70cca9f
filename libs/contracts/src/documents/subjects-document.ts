/** docs/subjects.md: streams, subjects and pens, and how to listen in. */
import { type Pen, pens } from '../pens.ts';
import { generatedNotice, table } from './markdown.ts';

const rows = (Object.keys(pens) as Pen[]).map((pen) => {
  const row = pens[pen];
  const fence = row.fenced ? 'yes' : 'no';
  return [
    `\`${pen}\``,
    row.stages.join(', '),
    `\`${row.subject}\``,
    row.stream,
    fence,
    row.events.join(', '),
  ];
});

export const subjectsDocument = (): string => `${generatedNotice}

# Subjects and pens

A subject is written by one kind of service, its pen; NATS refuses every other user. An append to a
fenced subject names the last sequence of that subject which the writer has folded, so of two live
owners exactly one can write.

${table(['pen', 'written by', 'subject', 'stream', 'fenced', 'events'], rows)}

- \`<partition>\` is FNV-1a (32 bit) of \`namespace/workload\`, modulo the number of
  partitions, which is fixed when the stream is made (8 by default).
- Kubernetes names may hold \`.\`, which NATS would split: it is written \`_\` in subjects.
- A pen guards against mistakes, and a stolen password is more than its pen: NATS does not check
  where a user has an answer sent, so one who may ask JetStream anything can have the answer stored
  on a subject of another. Such a message breaks the chain of its subject, or decides otherwise than
  \`flyball replay verify\` does. Keep the passwords apart, each with its service.

## Listening in

With the [nats](https://github.com/nats-io/natscli) command and the \`reader\` user that
\`flyball up\` prints:

\`\`\`sh
nats sub 'flyball.events.*.default.autoscale-go.>'            # all that happens to one workload
nats sub 'flyball.events.*.*.*.decisions'                     # every decision
nats stream get EVENTS --last-for 'flyball.events.3.ticks'    # the newest tick of partition 3
\`\`\`
`;
