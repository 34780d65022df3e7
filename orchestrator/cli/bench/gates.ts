import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import { traceEvents } from '../trace-events.ts';

/** One container of a gate. */
interface GateContainer {
  /** `VALIDATE`, `TEST`. */
  readonly stage: string;
  /** What ran in it: `ruff check`, `pytest on the change`. */
  readonly what: string;
  readonly ms: number;
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
}

export interface GateTimes {
  readonly containers: readonly GateContainer[];
  /** Milliseconds in which at least one container of a gate ran: what the gates add to the run. */
  readonly wallMs: number;
  /** Milliseconds that the probes of the jail took, one after the other, beside the line. */
  readonly probesMs: number;
  /** Of the image that test runs have. */
  readonly testImage: string;
}

const containerSchema = z.object({ kind: z.string(), folder: z.string(), ms: z.number() });
const probeSchema = z.object({ ms: z.number() });
const createSchema = z.object({ engine: z.object({ Image: z.string(), Cmd: z.array(z.string()) }) });

/** What the gates of VALIDATE and TEST took in a run, from its trace. Throws `run_unknown` where the folder has none that can be read. */
export function gateTimes(folder: string): GateTimes {
  const events = traceEvents(join(folder, 'trace.jsonl'));
  if (events === null) throw new Failure('run_unknown', `${folder} has no trace that can be read`);
  let testImage = '';
  let measured = 0;
  const containers = events.flatMap((event): GateContainer[] => {
    if (event.type !== 'container' || !['VALIDATE', 'TEST'].includes(event.stage)) return [];
    const { kind, folder: own, ms } = containerSchema.parse(event.data);
    const path = join(folder, own, 'create.json');
    if (kind === 'test-writing' || !existsSync(path)) return [];
    const { Image, Cmd } = createSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).engine;
    if (kind === 'test-running') testImage = Image;
    const what = whatRuns(Cmd);
    if (what === ON_CHANGE) measured += 1;
    return [{ stage: event.stage, what, ms, endedAt: Date.parse(event.ts) }];
  });
  if (measured !== 1) throw new Failure('run_unknown', `${folder} is no run whose tests ran once on the change`);
  const probesMs = events.reduce((sum, event) => sum + (event.type === 'probe' ? probeSchema.parse(event.data).ms : 0), 0);
  return { containers, wallMs: covered(containers), probesMs, testImage };
}

export const WITHOUT_HUNKS = 'pytest without each hunk';
const ON_CHANGE = 'pytest on the change, measured';

function whatRuns(command: readonly string[]): string {
  const has = (word: string) => command.some((one) => one === word || one.endsWith(`/${word}`));
  if (has('run_variants.py')) return WITHOUT_HUNKS;
  if (has('run_pytest.py')) return command.some((one) => one.startsWith('--cov=')) ? ON_CHANGE : 'pytest of the new tests on the base';
  if (has('card.py')) return 'the app’s routes';
  if (has('mypy')) return 'mypy';
  if (has('--fix-only')) return 'safe fixes of the new tests';
  if (has('format')) return has('--check') ? 'ruff format --check' : 'format of the new tests';
  return 'ruff check';
}

/** How long at least one of these ran. */
function covered(containers: readonly GateContainer[]): number {
  const spans = containers.map(({ ms, endedAt }) => [endedAt - ms, endedAt] as const).sort(([a], [b]) => a - b);
  let sum = 0;
  let until = 0;
  for (const [from, to] of spans) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return sum;
}
