import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from '../domain/failure.ts';
import { openRecordedRun, type RecordedRun } from './recorded-run.ts';

/** Find a recorded run to replay by its name, or by its folder where that has a "/"; `bundled` is the one that `runs/bundled` names. Throws run_unknown. */
export function openRecording(runsFolder: string, name: string): RecordedRun {
  const run = name === 'bundled' ? readFileSync(join(runsFolder, 'bundled'), 'utf8').trim() : name;
  const recorded = run.includes('/') ? openRecordedRun(dirname(resolve(run)), basename(resolve(run))) : openRecordedRun(runsFolder, run);
  if (recorded.result === null) throw new Failure('run_unknown', `${run} has not ended: it can be gone on from (--resume), not replayed`);
  return recorded;
}
