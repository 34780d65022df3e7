import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { slugOf } from '../domain/run.ts';

/** Words that say nothing about which feature it is. */
const FILLERS = new Set(
  'a an and are as at be by can do for from get give has have i if in into is it its let like lets make may must new now of on one only optional or our please post put should so some take takes that the their them then there they this to us use users want we when where which will with would you'.split(
    ' ',
  ),
);
const WORDS = 3;

/** `<slug>-<id4>`: tells people which request it was, and no two runs apart from each other by chance alone. */
export function newRunId(request: string, runsFolder: string): string {
  const words = (request.toLowerCase().match(/[a-z][a-z0-9]+/g) ?? []).filter((word) => !FILLERS.has(word));
  const slug = slugOf([...new Set(words)].slice(0, WORDS).join('-'));
  for (;;) {
    const run = `${slug}-${randomBytes(2).toString('hex')}`;
    if (!existsSync(join(runsFolder, run))) return run;
  }
}
