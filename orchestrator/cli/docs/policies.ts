import type { Policies, Policy } from '../../domain/policy.ts';
import { CONTAINER_KINDS, type ContainerKind } from '../../domain/stage.ts';

/** `docs/policies.md`: what every container may do, as the policy files say it today. */
export function policiesPage(policies: Policies): string {
  const of = (kind: ContainerKind): Policy => policies[kind];
  const mounts = CONTAINER_KINDS.map((kind) => `| ${kind} | ${mountsOf(of(kind))} | ${tmpfsOf(of(kind))} | ${of(kind).network} |`);
  const limits = CONTAINER_KINDS.map((kind) => {
    const { memory_mb, cpus, pids, open_files, wall_clock_s, output, volume, shm_mb } = of(kind);
    return `| ${kind} | ${memory_mb} MB | ${cpus} | ${pids} | ${open_files} | ${shm_mb} MB | ${wall_clock_s} s | ${output.total_mb} MB | ${volume.size_mb} MB, ${volume.files} files |`;
  });
  return `${[HEAD, ['| container | sees | memory-backed | network |', '|---|---|---|---|', ...mounts].join('\n'), LIMITS, [LIMITS_ROW, '|---|---|---|---|---|---|---|---|---|', ...limits].join('\n'), HOW].join('\n\n')}\n`;
}

const HEAD = `# Policies

A policy is data: what one kind of container may read, write, reach and use up. It is compiled to the engine's create request before anything starts
(\`orchestrator/pipeline/compile.ts\`), and the request stands in the run's folder (\`evidence/<nn>-<kind>-<attempt>/create.json\`) for whoever wants to check it. The kernel holds it, not
a sentence in a prompt. Why each is as it is: [policies/README.md](../policies/README.md). This page is made from the files by \`make docs\`.

Everywhere: user 10001, root read-only, no capabilities, no-new-privileges, the project's own seccomp profile, no swap.

## What each can see and write`;

const LIMITS = '## What each may use up';
const LIMITS_ROW = '| container | memory | processors | processes | open files | /dev/shm | wall clock | output | each volume |';

const HOW = `## To change one

Edit \`policies/<kind>.yaml\`; a key there replaces the same key of \`base.yaml\` whole. An unknown key, an open network, a writable root or a limit that does not hold what may be written to
memory is refused before anything starts (\`policy_invalid\`, naming file and key). A target that needs more room than 64 MB a volume ends as \`resource_disk\`, and the message names the
file. \`runtime: runsc\` runs a kind under gVisor where the engine has it. A target cannot change a policy: nothing of it is read from the target.`;

function mountsOf({ mounts }: Policy): string {
  if (mounts.length === 0) return 'nothing of the target';
  return mounts
    .map(({ volume, path, write, at_tests }) => `${volume} at \`${path}${at_tests ? '/<tests>' : ''}\` ${write ? '**rw**' : 'ro'}`)
    .join(', ');
}

function tmpfsOf({ tmpfs }: Policy): string {
  return tmpfs.map(({ path, size_mb, exec }) => `\`${path}\` ${size_mb} MB${exec ? ', exec' : ''}`).join(', ') || 'none';
}
