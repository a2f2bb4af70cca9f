/** `npm run setup`: asks for a Node that can read it, and hands over. */
import { onNewNode } from './setup/on-new-node.mjs';

onNewNode(() => import('./set-up-verb.mjs'));
