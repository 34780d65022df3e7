import { join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import type { ContainerKind } from '../../domain/stage.ts';

/** The kinds whose container holds an agent; each is bundled from its own entry `images/agent/<kind>.ts`. */
export const AGENT_KINDS = ['plan', 'scout', 'build', 'test-writing', 'review'] as const satisfies readonly ContainerKind[];
export type AgentKind = (typeof AGENT_KINDS)[number];

export function holdsAgent(kind: ContainerKind): kind is AgentKind {
  return (AGENT_KINDS as readonly ContainerKind[]).includes(kind);
}

/**
 * One self-contained module an agent, the same bytes for the same sources. Each entry is bundled apart, so that an agent holds only the
 * tools it imports. Names stay readable: a test looks for what must not be in there. Error: image_build_failed.
 */
export async function bundleAgents(root: string): Promise<ReadonlyMap<AgentKind, Uint8Array>> {
  // Loaded only when there is something to bundle.
  const { build } = await import('esbuild');
  const result = await build({
    absWorkingDir: root,
    entryPoints: AGENT_KINDS.map((kind) => ({ in: `images/agent/${kind}.ts`, out: kind })),
    outdir: 'agents',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: false,
    legalComments: 'none',
    tsconfigRaw: {},
    write: false,
    logLevel: 'silent',
  }).catch((cause: Error) => {
    throw new Failure('image_build_failed', `the agents could not be bundled: ${cause.message}`, { cause });
  });
  return new Map(
    AGENT_KINDS.map((kind) => {
      const file = result.outputFiles.find(({ path }) => path === join(root, 'agents', `${kind}.mjs`));
      if (file === undefined) throw new Failure('bug', `no bundle for ${kind}`);
      return [kind, file.contents];
    }),
  );
}
