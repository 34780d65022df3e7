import { z } from 'zod';

/** As much of a container's create request, as it went to the engine, as says what it may do; what is absent there is undefined here. */
const createSchema = z.looseObject({
  Image: z.string().optional(),
  Entrypoint: z.array(z.string()).nullish(),
  Cmd: z.array(z.string()).nullish(),
  Env: z.array(z.string()).nullish(),
  WorkingDir: z.string().optional(),
  User: z.string().optional(),
  NetworkDisabled: z.boolean().optional(),
  HostConfig: z.looseObject({
    NetworkMode: z.string().optional(),
    Privileged: z.boolean().optional(),
    ReadonlyRootfs: z.boolean().optional(),
    CapAdd: z.array(z.string()).nullish(),
    CapDrop: z.array(z.string()).nullish(),
    SecurityOpt: z.array(z.string()).nullish(),
    Runtime: z.string().nullish(),
    PidsLimit: z.number().nullish(),
    Memory: z.number().nullish(),
    MemorySwap: z.number().nullish(),
    NanoCpus: z.number().nullish(),
    Ulimits: z.array(z.looseObject({ Name: z.string(), Hard: z.number() })).nullish(),
    ShmSize: z.number().nullish(),
    Tmpfs: z.record(z.string(), z.string()).nullish(),
    Binds: z.array(z.string()).nullish(),
    Mounts: z
      .array(z.looseObject({ Type: z.string(), Source: z.string().optional(), Target: z.string(), ReadOnly: z.boolean().optional() }))
      .nullish(),
  }),
});
export type CreateRequest = z.infer<typeof createSchema>;

const fileSchema = z.object({ engine: createSchema });

/** The request in the text of a `create.json`; null where it is of another form. */
export function createRequestOf(text: string): CreateRequest | null {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.engine : null;
  } catch {
    return null;
  }
}

/** What the request allows, a subject a line. Says what stands there, also where it is less than a policy asks for. */
export function allowedBy(request: CreateRequest): [subject: string, words: string][] {
  const { HostConfig: host } = request;
  const words = [...(request.Entrypoint ?? []), ...(request.Cmd ?? [])].join(' ');
  return [
    [
      'runs',
      `${words || 'the image’s own command'} in ${request.WorkingDir ?? '/'} of ${request.Image ?? '?'}, as user ${request.User || 'root'}${runtimeOf(host)}`,
    ],
    [
      'network',
      host.NetworkMode === 'none'
        ? `none${request.NetworkDisabled === true ? ', disabled' : ''}`
        : `OPEN: ${host.NetworkMode ?? 'the engine’s default'}`,
    ],
    ['rights', rightsOf(host)],
    ['reads', mountsOf(host, true)],
    ['writes', [mountsOf(host, false), ...tmpfsOf(host)].filter((text) => text !== 'nothing').join(', ') || 'nothing'],
    ['limits', limitsOf(host)],
    ['environment', (request.Env ?? []).join(' ') || 'empty'],
  ];
}

type Host = CreateRequest['HostConfig'];

function rightsOf({ Privileged, ReadonlyRootfs, CapAdd, CapDrop, SecurityOpt }: Host): string {
  const options = SecurityOpt ?? [];
  const seccomp = options.find((option) => option.startsWith('seccomp='));
  return [
    Privileged === true ? 'PRIVILEGED' : 'not privileged',
    ReadonlyRootfs === true ? 'root read-only' : 'root WRITABLE',
    `capabilities dropped: ${(CapDrop ?? []).join(' ') || 'NONE'}${(CapAdd ?? []).length > 0 ? `, ADDED: ${(CapAdd ?? []).join(' ')}` : ''}`,
    options.some((option) => option.startsWith('no-new-privileges') && !option.endsWith('false'))
      ? 'no-new-privileges'
      : 'NEW PRIVILEGES POSSIBLE',
    seccomp === undefined ? 'seccomp profile of the engine' : `seccomp ${seccompOf(seccomp.slice('seccomp='.length))}`,
  ].join(', ');
}

function seccompOf(text: string): string {
  if (text === 'unconfined') return 'UNCONFINED';
  try {
    const { defaultAction, syscalls } = JSON.parse(text) as { defaultAction: unknown; syscalls: { names: unknown[]; action: unknown }[] };
    const allowed = syscalls.filter(({ action }) => action === 'SCMP_ACT_ALLOW').reduce((sum, { names }) => sum + names.length, 0);
    return `profile of its own (${String(defaultAction)}, ${allowed} system calls allowed)`;
  } catch {
    return 'profile of its own, which cannot be read';
  }
}

function limitsOf({ Memory, MemorySwap, NanoCpus, PidsLimit, ShmSize, Ulimits }: Host): string {
  const swap = Memory === MemorySwap ? ' without swap' : ' and swap';
  return [
    Memory ? `memory ${megabytes(Memory)}${swap}` : 'memory WITHOUT LIMIT',
    NanoCpus ? `processors ${NanoCpus / 1e9}` : 'processors WITHOUT LIMIT',
    PidsLimit ? `processes ${PidsLimit}` : 'processes WITHOUT LIMIT',
    ...(Ulimits ?? []).map(({ Name, Hard }) => `${Name} ${Hard}`),
    `/dev/shm ${ShmSize ? megabytes(ShmSize) : 'of the engine’s default'}`,
  ].join(', ');
}

function mountsOf({ Mounts, Binds }: Host, readOnly: boolean): string {
  const mounts = (Mounts ?? []).filter(({ ReadOnly }) => (ReadOnly === true) === readOnly);
  const shown = mounts.map(({ Type, Source, Target }) => `${Target} (${Type} ${Source ?? ''})`);
  const binds = (Binds ?? []).filter((bind) => /:ro\b/.test(bind) === readOnly).map((bind) => `BOUND ${bind}`);
  return [...shown, ...binds].join(', ') || 'nothing';
}

function tmpfsOf({ Tmpfs }: Host): string[] {
  return Object.entries(Tmpfs ?? {}).map(([path, options]) => `${path} (in memory: ${options})`);
}

const runtimeOf = ({ Runtime }: Host) => (Runtime == null || Runtime === '' ? '' : `, under ${Runtime}`);
const megabytes = (bytes: number) => `${Math.round((bytes / 1024 / 1024) * 10) / 10} MB`;
