import { z } from 'zod';
import { CONTAINER_KINDS } from './stage.ts';

/** What a jail forbids, by kind of try, and the control that the probe works at all. */
export const TRY_CLASSES = ['write', 'execute', 'network', 'host', 'rights', 'syscalls', 'limits', 'control'] as const;
export type TryClass = (typeof TRY_CLASSES)[number];

/** The line of a policy that a try would find missing; `mounts` also for what nobody mounted, `environment` for what nobody passed on. */
export type PolicyLine =
  | 'network'
  | 'user'
  | 'read_only_root'
  | 'no_new_privileges'
  | 'capabilities'
  | 'seccomp'
  | 'pids'
  | 'memory_mb'
  | 'cpus'
  | 'open_files'
  | 'shm_mb'
  | 'tmpfs'
  | 'volume'
  | 'mounts'
  | 'environment';

/** A try that came out otherwise than it must. */
export const jailHoleSchema = z.strictObject({
  try: z.string(),
  class: z.enum(TRY_CLASSES),
  /** See `PolicyLine`. */
  line: z.string(),
  must: z.string(),
  answer: z.string(),
});
export type JailHole = z.infer<typeof jailHoleSchema>;

const probedSchema = z.strictObject({
  kind: z.enum(CONTAINER_KINDS),
  image: z.string(),
  /** Of the create request without command, labels, name and volume names: that of each real container of the kind in this run, too. */
  request_sha256: z.string(),
  /** What was tried, and the kernel's answer. */
  tries: z.partialRecord(z.enum(TRY_CLASSES), z.record(z.string(), z.string())),
  holes: z.array(jailHoleSchema),
  ms: z.int(),
});
export type Probed = z.infer<typeof probedSchema>;

/** `evidence/jail.json`: the probes that came to an end in a run. */
export const jailProofSchema = z.strictObject({
  /** How many were to be made. */
  of: z.int(),
  probes: z.array(probedSchema),
});
export type JailProof = z.infer<typeof jailProofSchema>;

/** `10 of 10 probes held`. */
export function jailText({ of, probes }: JailProof): string {
  return `${probes.filter(({ holes }) => holes.length === 0).length} of ${of} probes held`;
}
