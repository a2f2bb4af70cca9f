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

Each subject has a pen: the right to write it, which one kind of service has; NATS refuses every
other user. An append to a fenced subject names the subject's last sequence as the writer knows it,
so of two live owners exactly one can write.

${table(['pen', 'written by', 'subject', 'stream', 'fenced', 'events'], rows)}

- \`<partition>\` is FNV-1a (32 bit) of \`namespace/workload\`, modulo the number of
  partitions, which is fixed when the stream is made (8 by default).
- Kubernetes names may contain \`.\`, at which NATS would split them: subjects have \`_\` instead.
- A pen guards against mistakes, not against a stolen password: NATS does not check to which subject
  a user asks for an answer, so a user that may query JetStream can have the answer stored on a
  subject of another pen. \`flyball replay verify\` finds such a message: it breaks the chain of its
  subject, or the decision in it is not the one that the stages make. Keep the passwords apart, each
  with its service.

## Listening in

With the [nats](https://github.com/nats-io/natscli) command and the \`reader\` user that
\`flyball up\` prints:

\`\`\`sh
nats sub 'flyball.events.*.default.autoscale-go.>'            # all that happens to one workload
nats sub 'flyball.events.*.*.*.decisions'                     # every decision
nats stream get EVENTS --last-for 'flyball.events.3.ticks'    # the newest tick of partition 3
\`\`\`
`;
