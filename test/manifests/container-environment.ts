/** The environment of a container as the kubelet makes it of its manifest. */
import type { Container } from './rendered-overlay.ts';

export interface Surroundings {
  /** `status.podIP` and the like. */
  readonly fields: Readonly<Record<string, string>>;
  /** The data of a Secret as text. */
  readonly secret: (name: string) => Readonly<Record<string, string>>;
}

/** `$(NAME)` stands for a variable before it; an unknown one stays as it is written. */
const resolved = (text: string, before: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$\((\w+)\)/g, (whole, name) => before[name] ?? whole);

export const environmentOf = (
  { env = [], envFrom = [] }: Container,
  { fields, secret }: Surroundings,
): Record<string, string> => {
  const made: Record<string, string> = {};
  for (const { prefix, secretRef } of envFrom) {
    for (const [key, value] of Object.entries(secret(secretRef.name))) made[prefix + key] = value;
  }
  for (const { name, value, valueFrom } of env) {
    const field = fields[valueFrom?.fieldRef?.fieldPath ?? ''];
    const { name: secretName = '', key = '' } = valueFrom?.secretKeyRef ?? {};
    const text = value ?? field ?? secret(secretName)[key];
    if (text === undefined) throw new Error(`Nothing says what ${name} is.`);
    made[name] = resolved(text, made);
  }
  return made;
};
