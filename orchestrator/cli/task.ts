import { join } from 'node:path';
import { replayProvider } from '../adapters/provider/replay/index.ts';
import { resuming } from '../adapters/provider/replay/resuming.ts';
import { Failure } from '../domain/failure.ts';
import { MODEL_STAGES, type ModelStage } from '../domain/stage.ts';
import type { RunOrder } from '../pipeline/order.ts';
import { stagesAsked } from '../pipeline/stages-asked.ts';
import type { Provider } from '../ports/provider.ts';
import { isAtWork } from './leftovers.ts';
import { openRecordedRun, type RecordedRun } from './recorded-run.ts';
import { openRecording } from './replay.ts';
import { checkRequest } from './request.ts';
import { goOn } from './resume.ts';
import type { Flags, ReadSettings } from './settings.ts';
import { readSpecFile } from './spec-file.ts';

/** What is to be done, as the command line gives it. */
export interface Asked {
  readonly request: string | null;
  readonly upTo: RunOrder['upTo'];
  /** File of a Spec that takes PLAN's place. */
  readonly spec?: string | undefined;
  /** Name of a recorded run to answer from. */
  readonly replay?: string | undefined;
  readonly strict?: boolean | undefined;
  /** Name of a run to go on from. */
  readonly resume?: string | undefined;
  readonly rework?: string | undefined;
  readonly answer?: readonly string[] | undefined;
}

/** The run that is replayed or gone on from. */
export interface From {
  readonly recorded: RecordedRun;
  readonly how: 'replay' | 'resume';
}

/** The same, with everything that a recorded run says. */
export interface Task extends Pick<RunOrder, 'request' | 'spec' | 'upTo' | 'resumedFrom' | 'interventions' | 'reworkBudget'> {
  /** The stages that will ask a model. */
  readonly asking: readonly ModelStage[];
  /** Who answers, where `live` is who would without a recording. */
  readonly provider: (live: Provider) => Provider;
}

/** Find the run that is replayed or gone on from; null for a run from the start. Throws run_unknown, and usage for what does not go together. */
export function findFrom(asked: Asked, folders: { readonly replays: string; readonly runs: string }): From | null {
  const ways = [asked.replay !== undefined && '--replay', asked.resume !== undefined && '--resume', asked.spec !== undefined && '--spec'];
  const given = ways.filter((way) => way !== false);
  if (given.length > 1) throw new Failure('usage', `${given.join(' and ')} exclude each other`);
  if (asked.resume === undefined) {
    if (asked.rework !== undefined) throw new Failure('usage', '--rework needs --resume RUN: the run that it is about');
    if ((asked.answer ?? []).length > 0) throw new Failure('usage', '--answer needs --resume RUN: the run that asked');
    return asked.replay === undefined ? null : { recorded: openRecording(folders.replays, asked.replay), how: 'replay' };
  }
  const recorded = openRecordedRun(folders.runs, asked.resume);
  if (isAtWork(join(folders.runs, asked.resume))) throw new Failure('usage', `${asked.resume} is still at work`);
  return { recorded, how: 'resume' };
}

/** Settings that the course of a recorded run depends on are those it was made with, unless a flag says otherwise. */
export function withRecorded<T extends Flags>(flags: T, from: From | null): T {
  const order = from?.recorded.order;
  if (order == null) return flags;
  const models = MODEL_STAGES.map((stage) => `${stage}=${order.models[stage]}`);
  // A recorded reply that could not be used went on to the next of its chain, and has to again.
  const hasChain = models.some((names) => names.includes(','));
  const { usd, tokens } = order.budgets?.run ?? {};
  const isGeneral = (flags.model ?? []).some((name) => !/^[A-Z]+=/.test(name));
  return {
    ...flags,
    checks: flags.checks ?? String(order.checks),
    turns: flags.turns ?? String(order.turns),
    model: (from?.how === 'replay' && !hasChain) || isGeneral ? flags.model : [...models, ...(flags.model ?? [])],
    maxUsd: flags.maxUsd ?? usd?.toString(),
    maxTokens: flags.maxTokens ?? tokens?.toString(),
  };
}

/** Put together what is to be done. Throws what `checkRequest`, `readSpecFile` and `goOn` throw. */
export function taskOf(asked: Asked, from: From | null, settings: ReadSettings, isGiven: { readonly reworks: boolean }): Task {
  const { upTo } = asked;
  if (from === null) {
    const document = asked.spec === undefined ? null : readSpecFile(asked.spec);
    const spec = document?.spec ?? null;
    if (document !== null && document.request === null && asked.request === null)
      throw new Failure('usage', `${asked.spec} does not say the request: write it there, or give it after the flags`);
    const request = checkRequest(document?.request ?? asked.request ?? '');
    const fresh = { resumedFrom: null, interventions: [], reworkBudget: settings.reworks, provider: (live: Provider) => live };
    return { request, spec, upTo, asking: stagesAsked(spec, upTo), ...fresh };
  }
  const { recorded, how } = from;
  const { order } = recorded;
  const spec = order?.spec ?? null;
  const common = { spec, upTo, asking: stagesAsked(spec, upTo) };
  if (how === 'replay') {
    const replay = replayProvider({ read: recorded.read, strict: asked.strict ?? false });
    const { interventions = [], reworks = settings.reworks } = order ?? {};
    const reworkBudget = isGiven.reworks ? settings.reworks : reworks;
    return { ...common, request: recorded.request, resumedFrom: null, interventions, reworkBudget, provider: () => replay };
  }
  const said = { words: asked.rework ?? null, answers: asked.answer ?? [], reworks: settings.reworks, reworksGiven: isGiven.reworks };
  const { again, ...going } = goOn(recorded, said);
  return { ...common, ...going, resumedFrom: recorded.run, provider: resuming({ read: recorded.read, again }) };
}
