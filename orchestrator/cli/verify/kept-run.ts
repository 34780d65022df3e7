import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import { type Receipt, receiptSchema } from '../../domain/receipt.ts';
import { type RunResult, runResultSchema } from '../../domain/run.ts';

/** Largest file of a run's folder that is read, in bytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A run's folder as it lies there now; nothing in it is believed yet. */
export interface KeptRun {
  readonly run: string;
  readonly folder: string;
  readonly receipt: Receipt;
  readonly result: RunResult;
  /** null where there is no such file. Throws verify_mismatch for one that is too large to be a run's. */
  bytes(path: string): Buffer | null;
  /** As JSON that satisfies the schema; throws verify_mismatch, naming the file, where it is not there or is not that. */
  json<T>(path: string, schema: z.ZodType<T>): T;
  /** Every file of the folder, sorted. */
  readonly files: readonly string[];
}

/** Open a run by its name in `runsFolder`, or by its path. Throws run_unknown, and usage for a run that did not end in a PR. */
export function openKeptRun(name: string, runsFolder: string): KeptRun {
  const folder = isAbsolute(name) || /^\.{0,2}\/|\//.test(name) ? resolve(name) : join(runsFolder, name);
  if (!existsSync(join(folder, 'request.txt'))) throw new Failure('run_unknown', `${folder} is no run`);
  const bytes = (path: string) => {
    const full = join(folder, path);
    if (!existsSync(full)) return null;
    if (statSync(full).size > MAX_BYTES)
      throw new Failure('verify_mismatch', `${path} has more than ${MAX_BYTES} bytes: no run writes that`);
    return readFileSync(full);
  };
  const json = <T>(path: string, schema: z.ZodType<T>): T => {
    const found = bytes(path);
    if (found === null) throw new Failure('verify_mismatch', `${path} is not there`);
    try {
      return schema.parse(JSON.parse(found.toString('utf8')));
    } catch (error) {
      const words = error instanceof z.ZodError ? z.prettifyError(error).split('\n')[0] : (error as Error).message;
      throw new Failure('verify_mismatch', `${path} is not what a run writes: ${words}`, { cause: error });
    }
  };
  const result = json('result.json', runResultSchema);
  if (bytes('receipt.json') === null)
    throw new Failure(
      'usage',
      `${result.run} ended as ${result.outcome}${result.code === null ? '' : ` (${result.code})`} and has no receipt: only what ended in a PR can be verified`,
    );
  return { run: result.run, folder, receipt: json('receipt.json', receiptSchema), result, bytes, json, files: filesOf(folder) };
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
