/** What axe finds in a page that keeps somebody from using it. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { z } from 'zod';

const resultSchema = z.object({
  passes: z.array(z.object({ id: z.string() })),
  violations: z.array(
    z.object({
      id: z.string(),
      impact: z.string().nullable(),
      help: z.string(),
      nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
    }),
  ),
});

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A line for each element with a serious or critical fault. Rejects when axe looked at nothing. */
export const axeViolations = async (page: Page): Promise<readonly string[]> => {
  // Evaluated by the browser's debugger, which the page's own policy does not bind.
  await page.evaluate(axe.source);
  const options = JSON.stringify({ runOnly: { type: 'tag', values: rules } });
  const answer: unknown = await page.evaluate(`axe.run(document, ${options})`);
  const { passes, violations } = resultSchema.parse(answer);
  if (passes.length < 10) throw new Error(`axe looked at ${passes.length} rules only.`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => {
        return `${impact} ${id}: ${help}\n  ${html.slice(0, 200)}\n  ${failureSummary ?? ''}`;
      }),
    );
};
