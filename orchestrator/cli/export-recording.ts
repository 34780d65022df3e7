import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../domain/failure.ts';
import type { Redactor } from '../domain/redact.ts';
import { openRecording } from './replay.ts';

/** What a replay reads of a run's folder, besides its replies. */
const NEEDED = ['request.txt', 'result.json', 'evidence/order.json', 'evidence/refusal.json'];

/**
 * Copy what a replay of this run needs, and nothing else, to a folder that `--replay` takes: the request, what it was told to do, how it ended, and
 * every reply. Secrets of this machine are taken out. Gives the files. Throws run_unknown, and usage for a folder that has something in it.
 */
export function exportRecording(
  from: { readonly runsFolder: string; readonly run: string },
  to: string,
  redactor: Redactor,
): readonly string[] {
  const { runsFolder, run } = from;
  const { folder, replies } = openRecording(runsFolder, run);
  if (existsSync(to) && readdirSync(to).length > 0) throw new Failure('usage', `${to} is not empty: a recording has a folder of its own`);
  const recording = replies.map(({ stage, attempt, turn }) => `evidence/recording/${stage}-${attempt}-${turn}.json`);
  const files = [...NEEDED, ...recording.sort()].filter((file) => existsSync(join(folder, file)));
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    writeFileSync(join(to, file), redactor.text(readFileSync(join(folder, file), 'utf8')));
  }
  return files;
}
