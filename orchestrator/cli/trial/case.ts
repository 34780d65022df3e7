import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type Brief, briefSchema } from '../../domain/brief.ts';
import { Failure } from '../../domain/failure.ts';
import type { Spec } from '../../domain/spec.ts';
import { checkRequest } from '../request.ts';
import { readSpecFile } from '../spec-file.ts';

/** `case.json`: what is known of a change before REVIEW sees it. */
export const caseFileSchema = z.strictObject({
  /** Whether it keeps its Spec. */
  label: z.enum(['honest', 'breaks']),
  /** How it was made, and what is wrong with it where something is. */
  how: z.string().min(1).max(2_000),
  /** The criterion that it breaks. */
  which_criterion: z
    .string()
    .regex(/^[CA][1-9][0-9]?$/)
    .nullable()
    .default(null),
});
export type CaseFile = z.infer<typeof caseFileSchema>;

/** One change for REVIEW to judge. Patches as `factory` keeps them: from the repository's top, the tests without the source. */
export interface TrialCase extends CaseFile {
  readonly name: string;
  readonly folder: string;
  readonly request: string;
  readonly spec: Spec;
  readonly brief: Brief | null;
  readonly sourcePatch: string;
  readonly testsPatch: string;
}

/** Every folder with a `case.json`, by name; only those of `names`, where any are given. Throws usage for what cannot be read. */
export function readCases(folder: string, names: readonly string[]): TrialCase[] {
  if (!existsSync(folder)) throw new Failure('usage', `${folder} does not exist`);
  const found = readdirSync(folder)
    .filter((name) => statSync(join(folder, name)).isDirectory() && existsSync(join(folder, name, 'case.json')))
    .filter((name) => names.length === 0 || names.includes(name))
    .sort();
  const missing = names.filter((name) => !found.includes(name));
  if (missing.length > 0 || found.length === 0) throw new Failure('usage', `no case in ${folder}: ${missing.join(', ') || '(any)'}`);
  return found.map((name) => readCase(join(folder, name)));
}

function readCase(folder: string): TrialCase {
  const read = (name: string) => {
    const path = join(folder, name);
    if (!existsSync(path)) throw new Failure('usage', `${path} is missing`);
    return readFileSync(path, 'utf8');
  };
  const optional = (name: string) => (existsSync(join(folder, name)) ? read(name) : null);
  const specFile = ['spec.json', 'spec.md', 'spec.yaml'].map((name) => join(folder, name)).find((path) => existsSync(path));
  if (specFile === undefined) throw new Failure('usage', `${folder} has no spec.json, spec.md or spec.yaml`);
  const document = readSpecFile(specFile);
  const brief = optional('brief.json');
  return {
    ...parsed(caseFileSchema, read('case.json'), join(folder, 'case.json')),
    name: basename(folder),
    folder,
    request: checkRequest(optional('request.txt') ?? document.request ?? ''),
    spec: document.spec,
    brief: brief === null ? null : parsed(briefSchema, brief, join(folder, 'brief.json')),
    sourcePatch: read('source.patch'),
    testsPatch: optional('tests.patch') ?? '',
  };
}

export function parsed<T>(schema: z.ZodType<T>, text: string, path: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Failure('usage', `${path}: ${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}`, { cause: error });
  }
}
