import { BARE, type BareRun } from './bare.ts';
import { spreadOf, spreadText } from './figures.ts';
import { type GateTimes, WITHOUT_HUNKS } from './gates.ts';

/** How much longer the gates may take than the bare tools together. */
const GOAL = 2.5;

export interface Measured {
  readonly machine: string;
  readonly date: string;
  /** The machine's greatest load in each round, over a minute; the round itself makes about two of it. */
  readonly loads: readonly number[];
  /** The run that was replayed. */
  readonly run: string;
  /** Each round: the gates in a replayed run, and the bare tools on the change that it made. */
  readonly gates: readonly GateTimes[];
  readonly bare: readonly (readonly BareRun[])[];
  /** Wall clock of the runs with and without the jail's probes, in milliseconds. */
  readonly withProbes: readonly number[];
  readonly withoutProbes: readonly number[];
  /** The lines of the other figures, as they are printed. */
  readonly others: readonly string[];
}

/** `docs/bench.md`, and the same tables for a terminal. */
export function benchPage(measured: Measured): string {
  const { machine, date, loads, run, others } = measured;
  return `# What things take

Made by \`make bench\` on ${date} (${machine}; load in each round up to ${loads.map((load) => load.toFixed(1)).join(', ')}, of which the round itself makes about 2); do not edit.
Seconds: the median of ${measured.gates.length} rounds, the least and the most behind it. The run is a replay of \`${run}\`: gates and containers are real.

${gatesTables(measured)}

## The jail's probes

${probesTable(measured)}

## The rest

\`\`\`
${others.join('\n')}
\`\`\`
`;
}

/** Bare tools, gates, and what lies between. */
export function gatesTables({ gates, bare }: Measured): string {
  const sums = bare.map((round) => sum(round.map(({ ms }) => ms)));
  const again = bare.map((round) => sum(round.map(({ againMs }) => againMs)));
  const withContainers = bare.map((round) => sum(round.map(({ withContainerMs }) => withContainerMs)));
  const walls = gates.map(({ wallMs }) => wallMs);
  const times = (others: readonly number[]) => spreadOf(walls).median / spreadOf(others).median;
  const said = (others: readonly number[]) =>
    `**${times(others).toFixed(1)} times** (goal: at most ${GOAL}; ${times(others) <= GOAL ? 'kept' : 'missed'})`;
  const rows = BARE.map((command) => {
    const own = bare.flatMap((round) => round.filter((one) => one.command === command));
    const codes = [...new Set(own.map(({ exitCode }) => exitCode))].join(', ');
    const cells = [own.map(({ ms }) => ms), own.map(({ againMs }) => againMs), own.map(({ withContainerMs }) => withContainerMs)];
    return `| \`${command}\` | ${codes} | ${cells.map((cell) => spreadText(cell)).join(' | ')} |`;
  });
  return `## The gates against bare tools

The target's own commands on the changed tree, one after the other, each in a plain container of its own: in a fresh checkout, the same again (mypy then has
its cache), and the first with its container.

| command | exit code | fresh | again | fresh, with its container |
|---|---|---|---|---|
${rows.join('\n')}
| **sum** | | **${spreadText(sums)}** | **${spreadText(again)}** | **${spreadText(withContainers)}** |

The gates of VALIDATE and TEST in the run: **${spreadText(walls)}** in which at least one of their containers ran. That is

- ${said(sums)} the bare tools in a fresh checkout, as in CI,
- ${said(again)} the bare tools where mypy has its cache, as at a desk (the gates' mypy has one too, made on the base),
- ${times(withContainers).toFixed(1)} times the bare tools in a fresh checkout with their containers.

Taking each hunk out (fact 8) is ${hunksShare(gates)} % of that time: the new tests run once more on the whole change and once without each hunk, one after the other, each in a
process of its own.

Where it goes (containers of one line run side by side, so the sum is more than the time above):

| stage | what runs | times | seconds together |
|---|---|---|---|
${splitRows(gates).join('\n')}`;
}

export function probesTable({ gates, withProbes, withoutProbes }: Measured): string {
  const [probed, bald] = [spreadOf(withProbes), spreadOf(withoutProbes)];
  const more = `${((probed.median - bald.median) / 1000).toFixed(1)} s`;
  const isPlain = probed.least > bald.most;
  return `| | seconds |
|---|---|
| the run with its probes | ${spreadText(withProbes)} |
| the same by a program that probes nothing | ${spreadText(withoutProbes)} |
| all ten probes, one after the other | ${spreadText(gates.map(({ probesMs }) => probesMs))} |

They add ${more} to a replay, whose models answer at once${isPlain ? '' : ' (less than the rounds differ among themselves)'}. They run beside the line: a run that waits for its
models has that time.`;
}

/** Percent of the gates' time in which the hunks were taken out. */
function hunksShare(gates: readonly GateTimes[]): string {
  const hunks = gates.map(({ containers }) => sum(containers.filter(({ what }) => what === WITHOUT_HUNKS).map(({ ms }) => ms)));
  return ((100 * spreadOf(hunks).median) / spreadOf(gates.map(({ wallMs }) => wallMs)).median).toFixed(0);
}

function splitRows(gates: readonly GateTimes[]): string[] {
  const keys = [...new Set(gates.flatMap(({ containers }) => containers.map(({ stage, what }) => `${stage} | ${what}`)))];
  return keys.map((key) => {
    const rounds = gates.map(({ containers }) => containers.filter(({ stage, what }) => `${stage} | ${what}` === key));
    const counts = [...new Set(rounds.map(({ length }) => length))].join(' or ');
    return `| ${key} | ${counts} | ${spreadText(rounds.map((round) => sum(round.map(({ ms }) => ms))))} |`;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
