import { CONTAINER_KINDS } from '../../domain/stage.ts';
import { NO_ENGINE } from './engine.ts';
import type { Probe } from './examine.ts';
import { ok, warn } from './finding.ts';

/** What an engine holds of the factory's images. */
export interface ImagesThere {
  /** Kinds of container that have no image yet, for this target. */
  readonly missing: readonly string[];
  /** Bytes on the engine's disk of what there is, shared layers once. */
  readonly bytes: number;
}

/** Whether the images for this target are there. Missing ones are no fault: the first run builds them. */
export function imagesProbe(engine: () => Promise<unknown>, look: () => Promise<ImagesThere>): Probe {
  return async () => {
    const reached = await engine().then(
      () => true,
      () => false,
    );
    if (!reached) return NO_ENGINE;
    const { missing, bytes } = await look();
    const all = CONTAINER_KINDS.length;
    const size = `${(bytes / 1e6).toFixed(0)} MB on the engine`;
    if (missing.length === 0) return ok(`${all} of ${all} present, ${size}`);
    return warn(
      `${all - missing.length} of ${all} present, ${size}; to be built: ${missing.join(', ')}`,
      'Nothing to do: the first run builds them, which needs package registries and takes minutes.',
    );
  };
}
