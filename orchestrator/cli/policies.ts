import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import { type Policies, type Policy, policySchema } from '../domain/policy.ts';
import { type ProtectedList, protectedListSchema } from '../domain/protection.ts';
import { CONTAINER_KINDS, type ContainerKind } from '../domain/stage.ts';

export interface LoadedPolicies {
  readonly policies: Policies;
  /** The one seccomp profile that all kinds name, as JSON text. */
  readonly seccomp: string;
  readonly protectedList: ProtectedList;
}

/**
 * The policies of a folder: `base.yaml`, and for each kind `<kind>.yaml`, whose keys replace the base's whole; and `protected.yaml`, the
 * paths that no stage may change. A missing file, an unknown file or key, or a value outside its bounds is `policy_invalid`, naming file
 * and key.
 */
export function loadPolicies(folder: string): LoadedPolicies {
  refuseUnknownFiles(folder);
  const base = readPart(folder, 'base.yaml');
  const policies = Object.fromEntries(CONTAINER_KINDS.map((kind) => [kind, loadKind(folder, kind, base)])) as Record<ContainerKind, Policy>;
  return { policies, seccomp: readProfile(folder, oneProfile(policies)), protectedList: readProtectedList(folder) };
}

const PROTECTED_FILE = 'protected.yaml';

function readProtectedList(folder: string): ProtectedList {
  const list = protectedListSchema.safeParse(readYaml(folder, PROTECTED_FILE));
  if (!list.success) throw invalid(PROTECTED_FILE, list.error, '');
  return list.data;
}

const partSchema = policySchema.partial();
type Part = z.output<typeof partSchema>;

function loadKind(folder: string, kind: ContainerKind, base: Part): Policy {
  const file = `${kind}.yaml`;
  const merged = policySchema.safeParse({ ...base, ...readPart(folder, file) });
  if (!merged.success) throw invalid(file, merged.error, ' (neither here nor in base.yaml, or wrong)');
  const written = writableMegabytes(merged.data);
  if (written > merged.data.memory_mb) {
    throw new Failure(
      'policy_invalid',
      `${file}: memory_mb: ${merged.data.memory_mb} MB do not hold what may be written to memory (tmpfs, shm and writable volumes: ${written} MB)`,
    );
  }
  return merged.data;
}

/** What is written to a tmpfs counts as the container's memory: it must fit, or a full disk would look like too little memory. */
function writableMegabytes(policy: Policy): number {
  const tmpfs = policy.tmpfs.reduce((sum, { size_mb }) => sum + size_mb, 0);
  const volumes = policy.mounts.filter(({ write, volume }) => write && volume !== 'held').length * policy.volume.size_mb;
  return tmpfs + policy.shm_mb + volumes;
}

function readPart(folder: string, file: string): Part {
  const part = partSchema.safeParse(readYaml(folder, file) ?? {});
  if (!part.success) throw invalid(file, part.error, '');
  return part.data;
}

function readYaml(folder: string, file: string): unknown {
  const text = readText(folder, file);
  try {
    return parse(text);
  } catch (error) {
    throw new Failure('policy_invalid', `${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function readProfile(folder: string, file: string): string {
  const text = readText(folder, file);
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    throw new Failure('policy_invalid', `${file}: not JSON`, { cause: error });
  }
}

function readText(folder: string, file: string): string {
  try {
    return readFileSync(join(folder, file), 'utf8');
  } catch (error) {
    throw new Failure('policy_invalid', `${file}: cannot be read in ${folder}`, { cause: error });
  }
}

function oneProfile(policies: Policies): string {
  const files = new Set(Object.values(policies).map(({ seccomp }) => seccomp));
  const [file] = files;
  if (files.size !== 1 || file === undefined)
    throw new Failure('policy_invalid', `seccomp: all kinds must name one profile, not ${[...files].join(', ')}`);
  return file;
}

/** A misspelt file name would be a policy that nobody applies. */
function refuseUnknownFiles(folder: string): void {
  const known = new Set(['base.yaml', PROTECTED_FILE, ...CONTAINER_KINDS.map((kind) => `${kind}.yaml`)]);
  for (const file of listFolder(folder)) {
    if (/\.ya?ml$/.test(file) && !known.has(file)) throw new Failure('policy_invalid', `${file}: there is no such kind of container`);
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new Failure('policy_invalid', `the folder ${folder} cannot be read`, { cause: error });
  }
}

function invalid(file: string, error: z.ZodError, note: string): Failure {
  const issue = error.issues[0];
  const path = issue?.path.map(String) ?? [];
  const key = (issue?.code === 'unrecognized_keys' ? [...path, ...issue.keys] : path).join('.');
  return new Failure('policy_invalid', `${file}: ${key}: ${issue?.message ?? 'invalid'}${note}`, { cause: error });
}
