import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { connect } from '../../adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../adapters/engine/docker/docker.ts';
import { imageSizes } from '../../adapters/engine/docker/image-sizes.ts';
import { seconds } from '../../adapters/progress/terminal/figures.ts';
import type { Console } from '../console.ts';
import { factoryRoot } from '../setup/root.ts';

const REPLAYS = 3;

/** `factory bench`: figures of this machine, for a person. */
export function benchCommand(program: Command, console: Console): void {
  program
    .command('bench')
    .description('measure replayed runs, the orchestrator’s memory and the images; asserts nothing')
    .option('--docker-host <url>', 'the engine')
    .action((options: { dockerHost?: string }) => bench(console.program, options.dockerHost, console.env, console.out));
}

interface Replayed {
  readonly ms: number;
  /** Peak resident memory of the orchestrator in bytes; null where the system does not say. */
  readonly peak: number | null;
  readonly exitCode: number | null;
}

/**
 * What a replayed run takes on this machine, the orchestrator's own memory, and what the images weigh. Asserts nothing, and
 * works on a clone, so that neither branches nor runs are left.
 */
async function bench(program: string, host: string | undefined, env: NodeJS.ProcessEnv, write: (text: string) => void): Promise<void> {
  const { docker, endpoint } = await connect({ host, env });
  const info = await dockerEngine(docker, endpoint).info();
  write(
    `machine   ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${gigabytes(totalmem())}, node ${process.version}, ${info.kind} ${info.version}\n`,
  );
  write(`date      ${new Date().toISOString().slice(0, 10)}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'factory-bench-'));
  execFileSync('git', ['clone', '--quiet', factoryRoot(), join(folder, 'clone')]);
  for (let n = 0; n < REPLAYS; n += 1) {
    const one = await replay([program, 'run', '--replay', 'bundled', '-C', join(folder, 'clone'), '--runs', join(folder, 'runs')], env);
    const memory = one.peak === null ? 'unknown' : `${(one.peak / 1e6).toFixed(0)} MB`;
    write(
      `replay ${n + 1}  ${seconds(one.ms).padStart(7)}   orchestrator ${memory}   exit code ${one.exitCode}${n === 0 ? '   (builds what is missing, takes the baseline)' : ''}\n`,
    );
  }
  rmSync(folder, { recursive: true });
  const { total, images } = await imageSizes(docker);
  write(`images    ${(total / 1e6).toFixed(0)} MB on disk in all (shared layers once)\n`);
  for (const { name, bytes } of images) write(`          ${(bytes / 1e6).toFixed(0).padStart(5)} MB  ${name}\n`);
}

async function replay(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Replayed> {
  const began = Date.now();
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
  let peak: number | null = null;
  const poll = setInterval(() => {
    peak = peakOf(child.pid) ?? peak;
  }, 100);
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(poll);
  return { ms: Date.now() - began, peak, exitCode };
}

/** The kernel's own high-water mark, where there is a /proc. */
function peakOf(pid: number | undefined): number | null {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(0)} GiB`;
}
