import { BARE, type BareRun } from './bare.ts';
import { spreadOf, spreadText } from './figures.ts';
import type { GateTimes } from './gates.ts';

/** How much longer the gates may take than the bare tools together. */
const GOAL = 2.5;

export interface Measured {
  readonly machine: string;
  readonly date: string;
  /** The machine's load before each round, over the last minute. */
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

Made by \`make bench\` on ${date} (${machine}; load before each round ${loads.map((load) => load.toFixed(1)).join(', ')} of its last minute); do not edit.
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
  const withContainers = bare.map((round) => sum(round.map(({ withContainerMs }) => withContainerMs)));
  const walls = gates.map(({ wallMs }) => wallMs);
  const ratio = spreadOf(walls).median / spreadOf(sums).median;
  const inContainers = spreadOf(walls).median / spreadOf(withContainers).median;
  const rows = BARE.map((command) => {
    const own = bare.flatMap((round) => round.filter((one) => one.command === command));
    const codes = [...new Set(own.map(({ exitCode }) => exitCode))].join(', ');
    return `| \`${command}\` | ${codes} | ${spreadText(own.map(({ ms }) => ms))} | ${spreadText(own.map(({ withContainerMs }) => withContainerMs))} |`;
  });
  return `## The gates against bare tools

The target's own commands on the changed tree, one after the other, each in a plain container of its own with empty caches:

| command | exit code | alone | with its container |
|---|---|---|---|
${rows.join('\n')}
| **sum** | | **${spreadText(sums)}** | **${spreadText(withContainers)}** |

The gates of VALIDATE and TEST in the run: ${spreadText(walls)} s in which at least one of their containers ran.
**${ratio.toFixed(1)} times the bare sum** (goal: at most ${GOAL}; ${ratio <= GOAL ? 'kept' : 'missed'}), ${inContainers.toFixed(1)} times the sum with containers.

Where it goes (containers of one line run side by side, so the sum is more than the time above):

| stage | what runs | times | seconds together |
|---|---|---|---|
${splitRows(gates).join('\n')}`;
}

export function probesTable({ gates, withProbes, withoutProbes }: Measured): string {
  const more = spreadOf(withProbes).median - spreadOf(withoutProbes).median;
  return `| | seconds |
|---|---|
| the run with its probes | ${spreadText(withProbes)} |
| the same by a program that probes nothing | ${spreadText(withoutProbes)} |
| all ten probes, one after the other | ${spreadText(gates.map(({ probesMs }) => probesMs))} |

They add ${(more / 1000).toFixed(1)} s to a replay, whose models answer at once. They run beside the line, so a run that waits for models has that time.`;
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
