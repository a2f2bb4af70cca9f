/** Writes what is made from metrics and rules into the repository. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { metricsDocument, metricsDocumentPath } from './metrics-document.ts';
import { prometheusRulePath, prometheusRuleText } from './prometheus-rule.ts';

const root = join(import.meta.dirname, '../..');
const rules = await readFile(join(root, 'infra/prometheus/alerts.yaml'), 'utf8');
const made = {
  [metricsDocumentPath]: await metricsDocument(),
  [prometheusRulePath]: prometheusRuleText(rules),
};
for (const [path, text] of Object.entries(made)) {
  await writeFile(join(root, path), text);
  process.stdout.write(`wrote ${path}\n`);
}
