/** Everything that is broken once, in groups that the same tests should notice. */
import type { MutationGroup } from '../mutation.ts';
import { algorithmSwitch } from './algorithm-switch.ts';
import { decisions } from './decisions.ts';
import { fixes } from './fixes.ts';
import { folds } from './folds.ts';
import { gates } from './gates.ts';
import { panicAndRouting } from './panic-and-routing.ts';
import { protections } from './protections.ts';
import { requestTelling } from './request-telling.ts';
import { rules } from './rules.ts';
import { stageTelling } from './stage-telling.ts';
import { telling } from './telling.ts';
import { toldMetrics } from './told-metrics.ts';
import { windows } from './windows.ts';

export const mutationGroups: readonly MutationGroup[] = [
  rules,
  gates,
  fixes,
  panicAndRouting,
  folds,
  decisions,
  windows,
  algorithmSwitch,
  telling,
  stageTelling,
  requestTelling,
  toldMetrics,
  ...protections,
];
