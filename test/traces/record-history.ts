/** Records a story's whole history as a new file: node test/traces/record-history.ts STORY FILE. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyText, storedLines } from './history.ts';
import { play } from './pipeline/play.ts';
import { readStory } from './pipeline/story.ts';

const [name, target] = process.argv.slice(2);
if (name === undefined || target === undefined) {
  process.stderr.write('node test/traces/record-history.ts <story> <new file>\n');
  process.exit(2);
}
const file = `${name}.input.jsonl`;
const story = readStory(readFileSync(join(import.meta.dirname, 'stories', file), 'utf8'), file);
// `wx`: what was recorded once is never written over.
writeFileSync(target, historyText(storedLines(play(story))), { flag: 'wx' });
