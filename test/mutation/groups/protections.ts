/** Everything that protects the record, the platform and the requests, broken once. */
import type { MutationGroup } from '../mutation.ts';
import { effects } from './effectful-protections.ts';
import { hostilePeers } from './hostile-peers.ts';
import { lapses } from './lapses.ts';
import { appends, jetstream, record } from './log-protections.ts';
import { ownership } from './outside-protections.ts';
import { platformWrites } from './platform-writes.ts';
import { publicServices } from './public-services.ts';
import { requests } from './request-protections.ts';
import { rivals } from './rivals.ts';
import { scraping } from './scraping.ts';
import { stageShells, windowing } from './stage-protections.ts';
import { windowerShell } from './windower-shell.ts';

export const protections: readonly MutationGroup[] = [
  appends,
  jetstream,
  record,
  stageShells,
  rivals,
  effects,
  windowing,
  windowerShell,
  scraping,
  ownership,
  lapses,
  platformWrites,
  publicServices,
  requests,
  hostilePeers,
];
