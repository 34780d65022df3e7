import { z } from 'zod';
import type { ContainerKind } from './stage.ts';

const megabytes = z.int().min(1).max(65_536);

/** A volume of the run as one container sees it. A nested mount point must exist in the outer volume. */
export const policyMountSchema = z.strictObject({
  /** What is mounted: the stage binds the name to a volume of its run; `held` is whatever volume a holder keeps. */
  volume: z.enum(['base', 'head', 'work', 'tests', 'tree', 'out', 'held']),
  path: z.string().startsWith('/').max(200),
  write: z.boolean(),
  /** Mounted at the target's test folder inside `path` (the nested half of the duties). */
  at_tests: z.boolean().default(false),
});

/** What one kind of container may do. `policies/base.yaml` holds the defaults, one file a kind overrides them; an unknown key is refused. */
export const policySchema = z.strictObject({
  network: z.literal('none'),
  user: z.string().regex(/^[1-9][0-9]{3,5}:[1-9][0-9]{3,5}$/),
  read_only_root: z.literal(true),
  no_new_privileges: z.literal(true),
  /** File in policies/ with the seccomp profile. */
  seccomp: z.string().regex(/^[a-z-]+\.json$/),
  /** null: the engine's own default runtime. */
  runtime: z.string().max(50).nullable(),
  pids: z.int().min(1).max(4096),
  memory_mb: megabytes,
  cpus: z.number().min(0.1).max(64),
  open_files: z.int().min(16).max(65_536),
  shm_mb: megabytes,
  tmpfs: z.array(z.strictObject({ path: z.string().startsWith('/').max(200), size_mb: megabytes, exec: z.boolean() })).max(8),
  /** A container that lives longer is killed. */
  wall_clock_s: z.int().min(1).max(86_400),
  /** Between SIGTERM and SIGKILL. */
  grace_s: z.int().min(0).max(60),
  output: z.strictObject({ line_kb: z.int().min(1).max(16_384), total_mb: z.int().min(1).max(1024) }),
  /** Size and number of files of each volume made for this kind to write to. */
  volume: z.strictObject({ size_mb: megabytes, files: z.int().min(16).max(1_000_000) }),
  mounts: z.array(policyMountSchema).max(6),
});
export type Policy = z.infer<typeof policySchema>;
export type PolicyMount = z.infer<typeof policyMountSchema>;
export type Policies = Readonly<Record<ContainerKind, Policy>>;
