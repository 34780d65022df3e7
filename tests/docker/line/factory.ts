import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunResult } from '../../../orchestrator/domain/run.ts';

const root = join(import.meta.dirname, '../../..');

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The object that `--json` printed; null when there was none. */
  readonly result: RunResult | null;
  /** The run's folder, where one was made. */
  readonly folder: string | null;
}

/** Another start than a plain one: words that stand before the program on the command line, and what is on its stdin. */
export interface Start {
  readonly through?: readonly string[];
  readonly stdin?: Uint8Array;
  /** The program's own file, where it is not this repository's. */
  readonly main?: string;
  /** The program's first words; without `--json` there is no result. */
  readonly words?: readonly string[];
}

/** `factory run …` as a process of its own. `during` sees it while it runs. */
export async function factory(
  args: readonly string[],
  env: Record<string, string>,
  during: (child: ChildProcess) => void = () => {},
  runs: string = mkdtempSync(join(tmpdir(), 'factory-runs-')),
  { through = [], stdin, main = join(root, 'build/orchestrator/cli/main.js'), words: first = ['run', '--json'] }: Start = {},
): Promise<Ended> {
  const before = readdirSync(runs);
  const program = [process.execPath, main];
  const [command = '', ...words] = [...through, ...program, ...first, '--runs', runs, ...args];
  const child = spawn(command, words, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  // It may end without having read all of it.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  during(child);
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const [run] = readdirSync(runs).filter((name) => !before.includes(name));
  return {
    exitCode,
    stdout,
    stderr,
    result: stdout.trim() === '' || !first.includes('--json') ? null : JSON.parse(stdout),
    folder: run === undefined ? null : join(runs, run),
  };
}

/** Names of everything on the engine that belongs to a run of the line. */
export function left(run: string): string[] {
  const list = (what: string[], name: string) =>
    execFileSync('docker', [...what, '--filter', `label=factory.run=${run}`, '--format', `{{.${name}}}`], { encoding: 'utf8' });
  const names = [...list(['ps', '-a'], 'Names').split('\n'), ...list(['volume', 'ls'], 'Name').split('\n')];
  return names.filter((name) => name.trim() !== '');
}
