import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_KINDS, type AgentKind, bundleAgents } from './bundle.ts';

/** What the bundles are made of; the lock stands for the libraries in them and for the bundler. */
const INPUTS = ['images/agent', 'orchestrator/domain', 'orchestrator/protocol', 'package-lock.json', 'orchestrator/cli/setup/bundle.ts'];

/** The agents' bundles, from `.cache/agents/` while nothing they are made of has changed: bundling takes most of an otherwise empty set-up. */
export async function agentBundles(root: string): Promise<ReadonlyMap<AgentKind, Uint8Array>> {
  const cache = join(root, '.cache', 'agents');
  const key = keyOf(root);
  const kept = readKept(join(cache, key));
  if (kept !== null) return kept;
  const bundles = await bundleAgents(root);
  keep(cache, key, bundles);
  return bundles;
}

function keyOf(root: string): string {
  const hash = createHash('sha256');
  for (const path of INPUTS.flatMap((input) => filesUnder(root, input))) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 24);
}

function filesUnder(root: string, path: string): string[] {
  if (/\.[a-z]+$/.test(path)) return [path];
  return readdirSync(join(root, path), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

function readKept(folder: string): ReadonlyMap<AgentKind, Uint8Array> | null {
  try {
    return new Map(AGENT_KINDS.map((kind) => [kind, readFileSync(join(folder, `${kind}.mjs`))]));
  } catch {
    // Never made, or another run tidies it away just now: both mean to bundle again.
    return null;
  }
}

function keep(cache: string, key: string, bundles: ReadonlyMap<AgentKind, Uint8Array>): void {
  const fresh = join(cache, `.${process.pid}`);
  try {
    const older = readdirOrNone(cache);
    mkdirSync(fresh, { recursive: true });
    for (const [kind, content] of bundles) writeFileSync(join(fresh, `${kind}.mjs`), content);
    renameSync(fresh, join(cache, key));
    for (const name of older) rmSync(join(cache, name), { recursive: true, force: true });
  } catch {
    // An installation that cannot be written to, or two runs at once: the bundles in hand are good without being kept.
    rmSync(fresh, { recursive: true, force: true });
  }
}

function readdirOrNone(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
