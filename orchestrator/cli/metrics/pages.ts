import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import { askingPage } from './asking.ts';
import { keptRuns } from './kept-runs.ts';
import { namedSets } from './named-sets.ts';
import { metricsPage } from './page.ts';

/** The pages that are made from the kept runs, by path relative to the repository. */
export function metricsPages(root: string): ReadonlyMap<string, string> {
  const kept = keptRuns(root);
  const bundled = readFileSync(join(root, 'runs/bundled'), 'utf8').trim();
  const example = kept.runs.find(({ run }) => run === bundled);
  if (example === undefined) throw new Failure('run_unknown', `runs/bundled names ${bundled}, which is not kept`);
  return new Map([
    ['METRICS.md', metricsPage(kept, namedSets(root))],
    ['docs/asking.md', askingPage(kept.runs, example, (folder) => join(root, folder))],
  ]);
}
