import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { connect } from '../adapters/engine/docker/connect.ts';
import { dockerEngine } from '../adapters/engine/docker/docker.ts';
import { dockerImageStore } from '../adapters/engine/docker/images.ts';
import { folderKeep } from '../adapters/keep/folder/index.ts';
import { folderRecords } from '../adapters/records/folder/index.ts';
import { gitRepository } from '../adapters/workspace/git/index.ts';
import { type TargetCard, targetCardSchema } from '../domain/card.ts';
import { Failure } from '../domain/failure.ts';
import { detectLayout } from '../domain/layout.ts';
import type { Protection } from '../domain/protection.ts';
import { CONTAINER_KINDS } from '../domain/stage.ts';
import type { TargetLayout } from '../domain/target.ts';
import { forTerminal, oneLine } from '../domain/untrusted.ts';
import { takeCard } from '../pipeline/take-card.ts';
import type { Console } from './console.ts';
import { loadPolicies } from './policies.ts';
import { ensureImages } from './setup/ensure.ts';
import { factoryRoot } from './setup/root.ts';
import { protectionOf } from './target-file.ts';

export interface CardFlags {
  /** A run's `evidence/card.json`; without it the card is taken as a run takes it. */
  readonly card?: string | undefined;
  readonly directory: string;
  readonly target?: string | undefined;
  readonly base?: string | undefined;
  readonly dockerHost?: string | undefined;
}

export interface KnownTarget {
  readonly card: TargetCard;
  readonly layout: TargetLayout;
  /** Known only where the target itself was looked at. */
  readonly protection?: Protection;
}

/** What the host can say about the target: from a file, or from the target itself with the engine. */
export async function knownTarget(flags: CardFlags, console: Console, signal: AbortSignal): Promise<KnownTarget> {
  if (flags.card === undefined) return fromTarget(flags, console, signal);
  const card = readCard(flags.card);
  return { card, layout: detectLayout(card.files) };
}

/** Bytes of a card at most: 500 routes and 2,000 outlines are far from it. */
const MAX_CARD_BYTES = 16_000_000;

function readCard(path: string): TargetCard {
  try {
    if (statSync(path).size > MAX_CARD_BYTES) throw new Error(`it has more than ${MAX_CARD_BYTES} bytes`);
    return targetCardSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const why = oneLine(error instanceof Error ? error.message : String(error), 300);
    throw new Failure('usage', `\`${path}\` is no target card (evidence/card.json of a run): ${why}`);
  }
}

async function fromTarget(flags: CardFlags, console: Console, signal: AbortSignal): Promise<KnownTarget> {
  const root = factoryRoot();
  const { policies, seccomp, protectedList } = loadPolicies(join(root, 'policies'));
  const repository = gitRepository({ environment: console.env });
  const base = await repository.pin({ directory: flags.directory, target: flags.target ?? null, base: flags.base ?? null });
  const tree = await repository.readTree(base);
  const layout = detectLayout([...tree.keys()]);
  const protection = protectionOf(tree, protectedList);
  const { docker, endpoint } = await connect({ host: flags.dockerHost, env: console.env });
  const engine = dockerEngine(docker, endpoint);
  const { architecture } = await engine.info();
  const images = await ensureImages({
    store: dockerImageStore(docker),
    architecture,
    tree,
    kinds: CONTAINER_KINDS,
    env: console.env,
    onLine: (line) => console.err(`${forTerminal(line)}\n`),
  });
  const folder = mkdtempSync(join(tmpdir(), 'factory-card-'));
  try {
    const card = await takeCard(
      {
        engine,
        policies,
        seccomp,
        images,
        records: folderRecords({ path: folder, shownAs: folder }),
        trace: { write: () => undefined, head: () => '' },
        run: basename(folder).toLowerCase(),
        signal,
        keep: folderKeep(join(root, '.cache', 'baseline')),
      },
      { base, tree, layout, protection },
    );
    return { card, layout, protection };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
