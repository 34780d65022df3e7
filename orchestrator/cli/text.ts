import { dollars, seconds, thousands } from '../adapters/progress/terminal/figures.ts';
import type { RunResult } from '../domain/run.ts';
import type { Base } from '../domain/target.ts';
import { counted } from '../gates/words.ts';
import type { EngineInfo } from '../ports/engine.ts';
import type { Look } from './look.ts';
import { splitName } from './providers.ts';
import type { ReadSettings } from './settings.ts';

/** What is printed before a run begins. */
export function header(input: { run: string; base: Base; engine: EngineInfo; settings: ReadSettings; replay: string | null }): string[] {
  const { run, base, engine, settings, replay } = input;
  const { PLAN, SCOUT, BUILD, TEST, REVIEW } = settings.chainOf;
  const chain = (names: readonly string[]) => names.join(', else ');
  const makers = [...new Set([PLAN, BUILD, TEST].map(chain))].join(', ');
  const isFree = [PLAN, SCOUT, BUILD, TEST, REVIEW].flat().every((name) => splitName(name).kind === 'ollama');
  const asked = `${isFree ? 'ollama ' : ''}${makers}; scout ${chain(SCOUT)}, review ${chain(REVIEW)}${isFree ? ' ($0)' : ''}`;
  const models = replay === null ? asked : `replay of ${replay} (no model is asked)`;
  return [
    `run ${run}   target ./${base.prefix} @ ${base.commit.slice(0, 7)}   engine ${engine.kind} ${engine.version} ${engine.architecture} at ${engine.endpoint}`,
    `models ${models}   limits ${spending(settings)}${seconds(settings.time_limit_s * 1000)}, ${counted(settings.reworks, 'rework')}, ${counted(settings.checks, 'check')}`,
  ];
}

function spending({ budgets: { run } }: ReadSettings): string {
  return `${run.usd === undefined ? '' : `${dollars(run.usd)}, `}${run.tokens === undefined ? '' : `${thousands(run.tokens)} tokens, `}`;
}

/** What is said of work that is not committed. */
export function leftOut(files: number, base: Base): string {
  const what = files === 1 ? '1 uncommitted change in the target is' : `${files} uncommitted changes in the target are`;
  return `${what} left out: the run works on commit ${base.commit.slice(0, 7)} alone`;
}

/** What is printed when a run has ended: what it came to, then what to look at, a command a line. */
export function closing(result: RunResult, ms: number, look: readonly Look[]): string[] {
  return [cameTo(result, ms), ...listed('look:', look)];
}

function cameTo(result: RunResult, ms: number): string {
  const reworks = result.reworks === 0 ? 'no rework' : counted(result.reworks, 'rework');
  const replayed = result.replayed === null ? '' : `   replayed, ${result.replayed}`;
  const cost = dollars(result.cost_usd);
  if (result.outcome === 'planned') return `${seconds(ms)}, planned   ${cost}`;
  if (result.outcome === 'refused') return `${seconds(ms)}, refused   ${cost} so far`;
  if (result.outcome !== 'pr') return `${seconds(ms)}, no PR   ${cost}   ${reworks}${replayed}`;
  const tries = result.replayed !== null ? '' : result.first_try ? 'first try, ' : 'another try, ';
  const jail = result.jail === null ? '' : `   jail: ${result.jail}`;
  return `${seconds(result.ms_to_pr ?? ms)} to PR   ${cost}   ${tries}${reworks}${replayed}${jail}`;
}

/** Commands below each other, and behind each what it shows. */
function listed(word: string, look: readonly Look[]): string[] {
  return look.map(({ command, shows }, i) => `${(i === 0 ? word : '').padEnd(word.length)} ${command}   ${shows}`);
}
