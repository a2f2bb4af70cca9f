/** What a configuration looks like on paper: the README's table and the example environment. */
import { type ConfigSchema, variableOf } from './config.ts';
import { settingMeta } from './setting.ts';

/** The table of a README: one row per variable, in the order of the schema. */
export const configTable = (schema: ConfigSchema): string => {
  const rows = Object.entries(schema.shape).map(([key, setting]) => {
    const { about, allowed, written } = settingMeta(setting as object);
    const fallback = written === '' ? '(empty)' : `\`${written}\``;
    return `| \`${variableOf(key)}\` | ${fallback} | ${allowed} | ${about} |`;
  });
  return ['| variable | default | allowed | what for |', '|---|---|---|---|', ...rows].join('\n');
};

/** The example environment: every variable with its default, each under its sentence. */
export const configExample = (schema: ConfigSchema): string =>
  Object.entries(schema.shape)
    .map(([key, setting]) => {
      const { about, allowed, written } = settingMeta(setting as object);
      return `# ${about} Allowed: ${allowed}.\n${variableOf(key)}=${written}\n`;
    })
    .join('\n');

/** Reads `NAME=value` lines; lines that begin with `#` and empty ones say nothing. */
export const parseExample = (example: string): Record<string, string> =>
  Object.fromEntries(
    example
      .split('\n')
      .filter((line) => line.includes('=') && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

/** The rows of Markdown tables as cells, however they are padded; rulers are left out. */
export const tableRows = (markdown: string): readonly string[] =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|:-]+$/.test(line))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .join('|'),
    );
