/** docs/events.md: every event with its version, who writes it where, and its data. */
import { z } from 'zod';
import { type EventDefinition, eventType } from '../define-event.ts';
import { type EventName, eventNames, events } from '../events/index.ts';
import { type Pen, pens } from '../pens.ts';
import { generatedNotice, table } from './markdown.ts';

interface Shape {
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
}

const shapeName = (shape: Shape): string => {
  if (shape.anyOf !== undefined) return shape.anyOf.map(shapeName).join(' or ');
  if (shape.enum !== undefined) return shape.enum.map((value) => `\`${value}\``).join(', ');
  if (shape.const !== undefined) return `\`${shape.const}\``;
  if (shape.type === 'array') return `list of ${shape.items ? shapeName(shape.items) : 'any'}`;
  return String(shape.type ?? 'any');
};

const fieldRows = (shape: Shape, prefix: string): string[][] =>
  Object.entries(shape.properties ?? {}).flatMap(([key, field]) => {
    const nested = field.type === 'object' ? field : field.items;
    const rows = nested?.properties === undefined ? [] : fieldRows(nested, `${prefix}${key}.`);
    return [[`\`${prefix}${key}\``, shapeName(field)], ...rows];
  });

const pensOf = (name: EventName): Pen[] =>
  (Object.keys(pens) as Pen[]).filter((pen) => pens[pen].events.some((event) => event === name));

const section = (name: EventName): string => {
  const definition: EventDefinition = events[name];
  const shape = z.toJSONSchema(definition.schema, { unrepresentable: 'any' }) as Shape;
  const rows = fieldRows(shape, '');
  const writers = pensOf(name).map((pen) => {
    const row = pens[pen];
    return `pen \`${pen}\` (${row.stages.join(', ')}) on \`${row.subject}\``;
  });
  return `## ${name}

${definition.description}

\`${eventType(definition)}\` · ${writers.join('; ')}

${rows.length === 0 ? 'No data.' : table(['data', 'type'], rows)}`;
};

export const eventsDocument = (): string => `${generatedNotice}

# Events

Every event is a CloudEvents 1.0 JSON document in structured mode: \`id\` (derived, never random),
\`source\`, \`type\` (the name in kebab-case and its version), \`subject\`
(\`namespace/workload\` or \`partition/<n>\`), \`time\`, \`traceparent\`, \`causationid\`
(the id of what caused it), \`data\`, and \`chain\`: the SHA-256 over the previous chain value of
its subject, a newline, and the document
without \`chain\`. Times are UTC milliseconds, \`…Milli\` are whole thousandths.

${table(
  ['event', 'version', 'meaning'],
  eventNames.map((name) => [
    `[${name}](#${name.toLowerCase()})`,
    String(events[name].version),
    events[name].description,
  ]),
)}

${eventNames.map(section).join('\n\n')}
`;
