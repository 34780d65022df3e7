import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { connect } from '../../adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../adapters/engine/docker/docker.ts';
import { imageSizes } from '../../adapters/engine/docker/image-sizes.ts';
import { seconds } from '../../adapters/progress/terminal/figures.ts';
import { Failure } from '../../domain/failure.ts';
import { archiveOf, type BareRun, bareRuns } from '../bench/bare.ts';
import { type GateTimes, gateTimes } from '../bench/gates.ts';
import { benchPage, gatesTables, type Measured, probesTable } from '../bench/page.ts';
import { withoutProbes } from '../bench/without-probes.ts';
import type { Console } from '../console.ts';
import { factoryRoot } from '../setup/root.ts';

const ROUNDS = 3;
const PAGE = 'docs/bench.md';

/** `factory bench`: figures of this machine, for a person. */
export function benchCommand(program: Command, console: Console): void {
  program
    .command('bench')
    .description('measure replayed runs, the gates against bare tools, the jail’s probes and the images; asserts nothing')
    .option('--docker-host <url>', 'the engine')
    .option('--page', `write ${PAGE}`)
    .action((options: { dockerHost?: string; page?: boolean }) => bench(console, options));
}

interface Replayed {
  readonly ms: number;
  /** Peak resident memory of the orchestrator in bytes; null where the system does not say. */
  readonly peak: number | null;
  readonly exitCode: number | null;
  /** The run's folder, and its name. */
  readonly folder: string;
  readonly run: string;
}

/**
 * What a replayed run takes on this machine, what its gates take against the bare tools, what the probes of the jail add, the orchestrator's own memory, and what the
 * images weigh. Asserts nothing, and works on a clone, so that neither branches nor runs are left.
 */
async function bench({ program, env, out: write }: Console, options: { dockerHost?: string; page?: boolean }): Promise<void> {
  const { docker, endpoint } = await connect({ host: options.dockerHost, env });
  const info = await dockerEngine(docker, endpoint).info();
  const root = factoryRoot();
  // By name, so that all rounds replay the same even where another run becomes the bundled one meanwhile.
  const bundled = readFileSync(join(root, 'runs/bundled'), 'utf8').trim();
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${gigabytes(totalmem())}, node ${process.version}, ${info.kind} ${info.version}`;
  write(`machine   ${machine}\ndate      ${date}\n`);
  const others: string[] = [];
  const tell = (line: string) => {
    others.push(line);
    write(`${line}\n`);
  };
  const folder = mkdtempSync(join(tmpdir(), 'factory-bench-'));
  try {
    const clone = join(folder, 'clone');
    execFileSync('git', ['clone', '--quiet', root, clone]);
    const unprobed = withoutProbes(root, join(folder, 'unprobed'));
    const go = (main: string, runs: string) => replay([main, 'run', '--replay', bundled, '-C', clone, '--runs', join(folder, runs)], env);
    const first = await go(program, 'first');
    tell(replayLine(0, first, '   (builds what is missing, takes the baseline)'));
    const [loads, gates, bare, probed, bald]: [number[], GateTimes[], BareRun[][], Replayed[], Replayed[]] = [[], [], [], [], []];
    for (let n = 1; n <= ROUNDS; n += 1) {
      const load = [loadNow()];
      const one = await go(program, `with-${n}`);
      tell(replayLine(n, one, ''));
      const times = gateTimes(one.folder);
      const archive = archiveOf(clone, `factory/${one.run}:target-app`);
      probed.push(one);
      gates.push(times);
      bare.push(await bareRuns(docker, times.testImage, archive));
      load.push(loadNow());
      bald.push(await go(unprobed, `without-${n}`));
      load.push(loadNow());
      loads.push(Math.max(...load));
    }
    const { total, images } = await imageSizes(docker);
    tell(`images    ${(total / 1e6).toFixed(0)} MB on disk in all (shared layers once)`);
    for (const { name, bytes } of images) tell(`          ${(bytes / 1e6).toFixed(0).padStart(5)} MB  ${name}`);
    const measured: Measured = {
      ...{ machine, date, loads, run: bundled, gates, bare, others },
      withProbes: probed.map(({ ms }) => ms),
      withoutProbes: bald.map(({ ms }) => ms),
    };
    write(`\n${gatesTables(measured)}\n\n${probesTable(measured)}\n`);
    if (options.page === true) writeFileSync(join(root, PAGE), benchPage(measured));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function replayLine(n: number, { ms, peak, exitCode }: Replayed, more: string): string {
  const memory = peak === null ? 'unknown' : `${(peak / 1e6).toFixed(0)} MB`;
  return `replay ${n}  ${seconds(ms).padStart(7)}   orchestrator ${memory}   exit code ${exitCode}${more}`;
}

/** One run, into a folder of its own: `--runs` is not there before. */
async function replay(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Replayed> {
  const began = Date.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let peak: number | null = null;
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2_000);
  });
  const poll = setInterval(() => {
    peak = peakOf(child.pid) ?? peak;
  }, 100);
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(poll);
  const runs = args.at(-1) as string;
  const [run] = exitCode === 0 ? readdirSync(runs) : [];
  if (run === undefined) throw new Failure('run_unknown', `the replayed run ended with ${exitCode}:\n${said.slice(-1_000)}`);
  return { ms: Date.now() - began, peak, exitCode, folder: join(runs, run), run };
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

/** Processes that want a processor, over the last minute. */
function loadNow(): number {
  return loadavg()[0] ?? 0;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(0)} GiB`;
}
