import { z } from 'zod';

/** What `factory doctor` looks at, in the order in which it is shown. */
export const PROBES = [
  'node',
  'git',
  'disk',
  'certificates',
  'engine',
  'architecture',
  'runtime',
  'seccomp',
  'limits',
  'storage',
  'images',
  'models',
  'token',
] as const;
export type ProbeName = (typeof PROBES)[number];

const findingSchema = z.strictObject({
  probe: z.enum(PROBES),
  /** `fail`: no run can start; `warn`: something is less than it could be. */
  status: z.enum(['ok', 'warn', 'fail']),
  /** Replays go on, but a request of one's own would end before its first stage. */
  stops_requests: z.boolean(),
  says: z.string(),
  /** What to do, a command where there is one; null when nothing needs to be done. */
  fix: z.string().nullable(),
});
export type Finding = z.infer<typeof findingSchema>;

/** What `factory doctor --json` prints. */
export const doctorReportSchema = z.strictObject({
  ready: z.strictObject({ replay: z.boolean(), request: z.boolean() }),
  findings: z.array(findingSchema).length(PROBES.length),
  exit_code: z.int(),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;

/** What a probe says; the examination adds its name. */
export type Said = Omit<Finding, 'probe'>;

export function ok(says: string): Said {
  return { status: 'ok', stops_requests: false, says, fix: null };
}

export function warn(says: string, fix: string, options: { readonly stopsRequests?: boolean } = {}): Said {
  return { status: 'warn', stops_requests: options.stopsRequests ?? false, says, fix };
}

export function fail(says: string, fix: string): Said {
  return { status: 'fail', stops_requests: true, says, fix };
}
