import { createHash } from 'node:crypto';
import type { ContainerSpec } from '../../domain/container.ts';
import type { Json } from '../../domain/json.ts';
import type { Engine } from '../../ports/engine.ts';

type Describing = Pick<Engine, 'describe'>;

/** What the engine is asked for, apart from what may differ between a stage's container and its probe: command, labels, name, volume names. */
export function commonRequest(engine: Describing, spec: ContainerSpec): Json {
  const mounts = spec.mounts.map((mount) => ({ ...mount, volume: '-' }));
  return engine.describe({ ...spec, name: '-', command: ['-'], labels: {}, mounts });
}

export function requestHash(engine: Describing, spec: ContainerSpec): string {
  return createHash('sha256')
    .update(JSON.stringify(commonRequest(engine, spec)))
    .digest('hex');
}

/** Where two requests part for the first time, as `HostConfig.Memory: 1 and 2`; null where they are the same. */
export function firstDifference(one: Json | undefined, other: Json | undefined, path = ''): string | null {
  if (one === other) return null;
  if (!isParent(one) || !isParent(other)) return `${path || 'the whole'}: ${short(one)} and ${short(other)}`;
  for (const key of [...new Set([...Object.keys(one), ...Object.keys(other)])].sort()) {
    const found = firstDifference(one[key], other[key], path === '' ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

function isParent(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}

function short(value: Json | undefined): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, 80);
}
