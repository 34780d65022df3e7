import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const KEPT = join(import.meta.dirname, '../../../runs/warehouse-staff-see-3da0');
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A copy of a kept run from before runs were sealed. */
export function unsealedRun(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'factory-kept-')), 'run');
  cpSync(KEPT, folder, { recursive: true });
  return folder;
}

/** The same as a run of today would leave it. */
export function sealedRun(): string {
  const folder = unsealedRun();
  seal(folder);
  return folder;
}

/** Write into the receipt what the folder holds now. */
export function seal(folder: string): void {
  const receipt = JSON.parse(readFileSync(join(folder, 'receipt.json'), 'utf8'));
  const lines = readFileSync(join(folder, 'trace.jsonl'), 'utf8').trimEnd().split('\n');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => path !== 'receipt.json' && path !== 'trace.jsonl')
    .sort();
  receipt.seal = {
    trace_head: sha256(Buffer.from(lines.at(-1) ?? '')),
    files: Object.fromEntries(files.map((path) => [path, sha256(readFileSync(join(folder, path)))])),
  };
  writeFileSync(join(folder, 'receipt.json'), `${JSON.stringify(receipt, null, 2)}\n`);
}

/** Change the byte at this place into another one. */
export function changeByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
