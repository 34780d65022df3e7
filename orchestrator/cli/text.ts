import { dollars, seconds } from '../adapters/progress/terminal/figures.ts';
import type { RunResult } from '../domain/run.ts';
import type { Base } from '../domain/target.ts';
import type { EngineInfo } from '../ports/engine.ts';
import type { ReadSettings } from './settings.ts';

/** What is printed before a run begins. */
export function header(input: { run: string; base: Base; engine: EngineInfo; settings: ReadSettings; replay: string | null }): string[] {
  const { run, base, engine, settings, replay } = input;
  const { PLAN, SCOUT, BUILD, TEST, REVIEW } = settings.modelOf;
  const makers = [...new Set([PLAN, BUILD, TEST])].join(', ');
  const models = replay === null ? `ollama ${makers}; scout ${SCOUT}, review ${REVIEW} ($0)` : `replay of ${replay} (no model is asked)`;
  return [
    `run ${run}   target ./${base.prefix} @ ${base.commit.slice(0, 7)}   engine ${engine.kind} ${engine.version} ${engine.architecture}`,
    `models ${models}   limits ${seconds(settings.time_limit_s * 1000)}, ${settings.reworks} reworks, ${settings.checks} checks`,
  ];
}

/** What is printed when a run has ended: what it came to, and where to look. */
export function closing(result: RunResult, folder: string, base: Base, ms: number): string[] {
  const reworks = result.reworks === 0 ? 'no rework' : result.reworks === 1 ? '1 rework' : `${result.reworks} reworks`;
  const replayed = result.replayed === null ? '' : `   replayed, ${result.replayed}`;
  if (result.outcome !== 'pr') {
    const logs = `containers: ${folder}/evidence/   trace: ${folder}/trace.jsonl`;
    return [`${seconds(ms)}, no PR   ${dollars(result.cost_usd)}   ${reworks}${replayed}`, `look: ${folder}/result.json   ${logs}`];
  }
  return [
    `${seconds(result.ms_to_pr ?? ms)} to PR   ${dollars(result.cost_usd)}   ${result.replayed === null ? (result.first_try ? 'first try, ' : 'another try, ') : ''}${reworks}${replayed}`,
    `look: git diff ${base.branch ?? base.commit.slice(0, 12)}...${result.branch}   ${folder}/pr.md`,
  ];
}
