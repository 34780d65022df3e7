import type { ContainerSpec, VolumeSpec } from '../../domain/container.ts';
import { Failure } from '../../domain/failure.ts';
import type { JailProof, Probed } from '../../domain/jail.ts';
import { CONTAINER_KINDS } from '../../domain/stage.ts';
import type { Engine } from '../../ports/engine.ts';
import type { Records } from '../../ports/records.ts';
import type { Trace } from '../../ports/trace.ts';
import { openWorkspace } from '../workspace.ts';
import { type CellsOptions, expectedSpec, expectedVolumes, openCells } from './cells.ts';
import { holeText, type Outcome, runProbe } from './probe.ts';
import { commonRequest, firstDifference, requestHash } from './same-request.ts';

export interface JailOptions extends Omit<CellsOptions, 'workspace' | 'nextSeq'> {
  readonly engine: Engine;
  readonly records: Records;
  readonly trace: Trace;
}

/** The jail of one run: what its containers are held to, and the proof that it holds. */
export interface Jail {
  /** Told of every volume of the run before its holder is. */
  seeVolume(volume: VolumeSpec): void;
  /**
   * Told of every container of the run before it starts. Throws jail_open when it would be another one than the probe of its kind is, in
   * more than command, labels, name and volume names.
   */
  seeContainer(spec: ContainerSpec): void;
  /**
   * Try in a container of every kind what its policy forbids, one after the other. Throws jail_open at the first hole, the signal's reason
   * when it is aborted, and the engine's failures; leaves nothing on the engine. Each probe is a trace event, all are `evidence/jail.json`.
   */
  prove(signal: AbortSignal): Promise<JailProof>;
}

/** Numbers of a run's probes begin here, so that those of its stages do not depend on when a probe had its turn. */
const FIRST_SEQ = 1001;

export function openJail(options: JailOptions): Jail {
  const { engine, trace, records } = options;
  const volumes = new Map<string, VolumeSpec>();

  function seeContainer(spec: ContainerSpec): void {
    const probed = expectedSpec(options, spec.kind);
    const differs = firstDifference(commonRequest(engine, spec), commonRequest(engine, probed));
    if (differs !== null) throw new Failure('jail_open', `a ${spec.kind} container differs from the one that is probed: ${differs}`);
    const expected = expectedVolumes(options, spec.kind);
    for (const { path, volume } of spec.mounts) {
      const made = volumes.get(volume);
      const like = expected?.get(path);
      if (made === undefined || like === undefined || (made.sizeBytes === like.sizeBytes && made.files === like.files)) continue;
      throw new Failure('jail_open', `the volume at ${path} of a ${spec.kind} container has another size than the one that is probed`);
    }
  }

  async function prove(signal: AbortSignal): Promise<JailProof> {
    const probes: Probed[] = [];
    const nextSeq = counter(FIRST_SEQ);
    const workspace = openWorkspace({ ...options, holderImage: options.images.holder.reference, nextSeq });
    const cells = openCells({ ...options, workspace, nextSeq });
    try {
      for (const kind of CONTAINER_KINDS) {
        signal.throwIfAborted();
        const cell = await cells.cell(kind);
        const began = Date.now();
        const outcome = await runProbe(engine, cell, signal);
        const ms = Date.now() - began;
        trace.write({ type: 'probe', stage: 'run', attempt: 0, data: { kind, ...counts(outcome), ms } });
        probes.push({
          kind,
          image: cell.spec.image,
          request_sha256: requestHash(engine, cell.spec),
          tries: outcome.tries,
          holes: [...outcome.holes],
          ms,
        });
        if (outcome.holes.length > 0)
          throw new Failure(
            'jail_open',
            outcome.holes
              .slice(0, 5)
              .map((hole) => holeText(kind, hole))
              .join('; '),
          );
      }
      return { of: CONTAINER_KINDS.length, probes };
    } finally {
      if (probes.length > 0) records.writeJson('evidence/jail.json', { of: CONTAINER_KINDS.length, probes });
      await workspace.dispose();
    }
  }

  return { seeVolume: (volume) => void volumes.set(volume.name, volume), seeContainer, prove };
}

function counts({ tries, holes }: Outcome) {
  const made = Object.fromEntries(Object.entries(tries).map(([kind, group]) => [kind, Object.keys(group).length]));
  return { ok: holes.length === 0, tries: made, holes: holes.slice(0, 20).map((hole) => ({ ...hole })) };
}

function counter(first: number): () => number {
  let next = first;
  return () => {
    next += 1;
    return next - 1;
  };
}
