/** The state of a workload: always a word and a shape, never a colour alone. */
import type { FleetRow } from '../../../src/wire.ts';

const seenTitles: Readonly<Record<FleetRow['seen'], string>> = {
  measured: 'It is measured, and has load',
  idle: 'It is measured, and nothing comes',
  blind: 'Nobody could measure it: its replicas stay as they are',
  unobserved: 'No pods and nothing held: there is nothing to measure',
};

export const ModeBadge = ({ mode }: Pick<FleetRow, 'mode'>) =>
  mode === 'panic' ? (
    <span class="badge is-panic" title="The short window asks for more; nothing is scaled down">
      ▲ panic
    </span>
  ) : (
    <span class="badge is-stable">stable</span>
  );

export const SeenBadge = ({ seen }: Pick<FleetRow, 'seen'>) =>
  seen === 'measured' ? null : (
    <span class={`badge is-${seen}`} title={seenTitles[seen]}>
      {seen === 'blind' ? '⊘ blind' : seen === 'idle' ? '○ idle' : '· unobserved'}
    </span>
  );

export const ProblemBadge = ({ problem }: Pick<FleetRow, 'problem'>) =>
  problem === null ? null : (
    <span class="badge is-problem" title={problem}>
      ! problem <span class="unseen">{problem}</span>
    </span>
  );
