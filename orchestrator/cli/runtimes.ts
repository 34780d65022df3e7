import { Failure } from '../domain/failure.ts';
import type { Policies } from '../domain/policy.ts';
import type { ContainerKind } from '../domain/stage.ts';
import type { EngineInfo } from '../ports/engine.ts';

/** The kinds whose policy names a runtime that is none of these. */
export function missingRuntimes(policies: Policies, there: readonly string[]): { kind: ContainerKind; runtime: string }[] {
  return Object.entries(policies).flatMap(([kind, { runtime }]) =>
    runtime === null || there.includes(runtime) || isShim(runtime) ? [] : [{ kind: kind as ContainerKind, runtime }],
  );
}

/** Before anything is built or started: an engine that lacks a runtime is `runtime_missing`, naming it and who asks for it. */
export function requireRuntimes(policies: Policies, { kind, version, endpoint, runtimes }: EngineInfo): void {
  const missing = missingRuntimes(policies, runtimes);
  if (missing.length === 0) return;
  const asked = missing.map((one) => `policies/${one.kind}.yaml asks for ${one.runtime}`).join(', ');
  throw new Failure('runtime_missing', `${asked}; ${kind} ${version} at ${endpoint} has ${runtimes.join(', ') || 'none'}`);
}

/** An engine finds these by their name alone and lists them or not (`io.containerd.runsc.v1`). */
function isShim(runtime: string): boolean {
  return runtime.startsWith('io.containerd.');
}
