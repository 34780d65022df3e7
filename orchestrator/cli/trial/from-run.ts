import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import type { CaseFile } from './case.ts';

/** What of a run's folder a case is made of, by the case's file. */
const FILES: Readonly<Record<string, string>> = {
  'request.txt': 'request.txt',
  'spec.json': 'evidence/spec.json',
  'brief.json': 'evidence/brief.json',
  'source.patch': 'evidence/source.patch',
  'tests.patch': 'evidence/tests.patch',
};

/** Make a case of a run that ended in a PR: its Spec, its source, its tests. Returns the case's folder. Throws usage where one is there already. */
export function caseFromRun(runFolder: string, cases: string, name: string, known: CaseFile): string {
  const folder = join(cases, name);
  if (!/^[a-z0-9][a-z0-9-]{0,60}$/.test(name)) throw new Failure('usage', `${JSON.stringify(name)} cannot name a case`);
  if (existsSync(join(folder, 'case.json'))) throw new Failure('usage', `${folder} is a case already`);
  const missing = Object.values(FILES).filter((file) => !existsSync(join(runFolder, file)));
  if (missing.length > 0) throw new Failure('usage', `${runFolder} did not end in a PR: it has no ${missing.join(', ')}`);
  mkdirSync(folder, { recursive: true });
  for (const [file, from] of Object.entries(FILES)) writeFileSync(join(folder, file), readFileSync(join(runFolder, from)));
  writeFileSync(join(folder, 'case.json'), `${JSON.stringify(known, null, 2)}\n`);
  return folder;
}
