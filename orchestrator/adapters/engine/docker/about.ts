import { z } from 'zod';
import type { EngineAbout } from '../../../ports/engine.ts';

/** The part of `GET /info` that is read; what an engine leaves out, or says in another form, is unknown. */
const infoSchema = z.object({
  DefaultRuntime: z.string().optional().catch(undefined),
  SecurityOptions: z.array(z.string()).optional().catch(undefined),
  CgroupVersion: z.string().optional().catch(undefined),
  MemoryLimit: z.boolean().optional().catch(undefined),
  SwapLimit: z.boolean().optional().catch(undefined),
  PidsLimit: z.boolean().optional().catch(undefined),
  CpuCfsQuota: z.boolean().optional().catch(undefined),
  Driver: z.string().optional().catch(undefined),
  DockerRootDir: z.string().optional().catch(undefined),
  Name: z.string().optional().catch(undefined),
  NCPU: z.number().optional().catch(undefined),
  MemTotal: z.number().optional().catch(undefined),
});

/** What an engine that speaks Docker's API tells about itself. */
export function aboutOf(info: unknown): EngineAbout {
  const said = infoSchema.parse(info);
  const options = said.SecurityOptions?.map((option) => /name=([^,]+)/.exec(option)?.[1] ?? option);
  const limits = { memory: said.MemoryLimit, swap: said.SwapLimit, pids: said.PidsLimit, cpu: said.CpuCfsQuota };
  return defined({
    defaultRuntime: said.DefaultRuntime,
    seccomp: options?.includes('seccomp'),
    rootless: options?.includes('rootless'),
    cgroupVersion: said.CgroupVersion,
    unenforced: Object.entries(limits).flatMap(([name, enforced]) => (enforced === false ? [name] : [])),
    storageDriver: said.Driver,
    storageFolder: said.DockerRootDir,
    hostname: said.Name,
    cpus: said.NCPU,
    memoryBytes: said.MemTotal,
  });
}

/** The same without what is undefined. */
function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as never;
}
