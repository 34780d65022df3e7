import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import { MODEL_STAGES, type ModelStage } from '../domain/stage.ts';
import { BUILD_CHECKS, REWORK_BUDGET } from '../pipeline/line.ts';

const modelName = z.string().min(1).max(200);
const stageNumbers = z.partialRecord(z.enum(MODEL_STAGES), modelName);

/** `factory.yaml` of the operator; never read from a target. A flag wins over FACTORY_*, that over the file, that over the default. */
const settingsSchema = z.strictObject({
  /** Model by stage. */
  models: stageNumbers.default({}),
  ollama_host: z.string().max(300).optional(),
  reworks: z.int().min(0).max(20).default(REWORK_BUDGET),
  checks: z.int().min(0).max(20).default(BUILD_CHECKS),
  turns: z.int().min(1).max(100).default(16),
  temperature: z.number().min(0).max(2).default(0),
  context_tokens: z.int().min(2_048).max(2_000_000).default(32_768),
  output_tokens: z.int().min(256).max(200_000).default(8_192),
  model_timeout_s: z.int().min(1).max(86_400).default(1_800),
  time_limit_s: z.int().min(1).max(604_800).default(3_600),
});
export type Settings = z.infer<typeof settingsSchema>;

/** One coder for what has to be right in detail, a smaller and different model for what has to be read. */
export const DEFAULT_MODELS: Readonly<Record<ModelStage, string>> = {
  PLAN: 'qwen2.5-coder:7b',
  SCOUT: 'qwen2.5:3b',
  BUILD: 'qwen2.5-coder:7b',
  TEST: 'qwen2.5-coder:7b',
  REVIEW: 'qwen2.5:3b',
};

/** Flags as the command line gives them: strings, unchecked. */
export interface Flags {
  readonly config?: string | undefined;
  readonly model?: readonly string[] | undefined;
  readonly ollamaHost?: string | undefined;
  readonly reworks?: string | undefined;
  readonly checks?: string | undefined;
  readonly turns?: string | undefined;
  readonly contextTokens?: string | undefined;
  readonly outputTokens?: string | undefined;
  readonly modelTimeout?: string | undefined;
  readonly timeLimit?: string | undefined;
}

export interface ReadSettings extends Settings {
  readonly modelOf: Readonly<Record<ModelStage, string>>;
  readonly ollamaHost: string;
}

/** All settings, checked. Throws config_invalid naming the key, usage for a flag that is no `STAGE=NAME`. */
export function readSettings(flags: Flags, env: NodeJS.ProcessEnv, workingFolder: string): ReadSettings {
  const file = fileSettings(flags.config ?? `${workingFolder}/factory.yaml`, flags.config !== undefined);
  const given = {
    ...file,
    ...numbers({
      reworks: flags.reworks ?? env.FACTORY_REWORKS,
      checks: flags.checks ?? env.FACTORY_CHECKS,
      turns: flags.turns ?? env.FACTORY_TURNS,
      context_tokens: flags.contextTokens ?? env.FACTORY_CONTEXT_TOKENS,
      output_tokens: flags.outputTokens ?? env.FACTORY_OUTPUT_TOKENS,
      model_timeout_s: flags.modelTimeout ?? env.FACTORY_MODEL_TIMEOUT,
      time_limit_s: flags.timeLimit ?? env.FACTORY_TIME_LIMIT,
    }),
  };
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) throw new Failure('config_invalid', z.prettifyError(parsed.error));
  const settings = parsed.data;
  return {
    ...settings,
    modelOf: { ...DEFAULT_MODELS, ...settings.models, ...modelsOfEnvironment(env), ...modelFlags(flags.model ?? []) },
    ollamaHost: withScheme(flags.ollamaHost ?? env.OLLAMA_HOST ?? settings.ollama_host ?? '127.0.0.1:11434'),
  };
}

function fileSettings(path: string, asked: boolean): Record<string, unknown> {
  if (!existsSync(path)) {
    if (asked) throw new Failure('config_invalid', `${path} does not exist`);
    return {};
  }
  try {
    const value: unknown = parse(readFileSync(path, 'utf8')) ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) throw new Error('it is not a mapping');
    return value as Record<string, unknown>;
  } catch (error) {
    throw new Failure('config_invalid', `${path}: ${(error as Error).message}`);
  }
}

function numbers(values: Record<string, string | undefined>): Record<string, unknown> {
  const given = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '');
  return Object.fromEntries(given.map(([key, text]) => [key, /^-?[0-9.]+(e[0-9]+)?$/i.test(text) ? Number(text) : text]));
}

function modelsOfEnvironment(env: NodeJS.ProcessEnv): Partial<Record<ModelStage, string>> {
  const all = env.FACTORY_MODEL;
  return Object.fromEntries(
    MODEL_STAGES.flatMap((stage) => {
      const name = env[`FACTORY_MODEL_${stage}`] ?? all;
      return name === undefined || name === '' ? [] : [[stage, name]];
    }),
  );
}

/** `NAME` for every stage, `STAGE=NAME` for one; the later wins, the stage's own before the general one. */
function modelFlags(flags: readonly string[]): Partial<Record<ModelStage, string>> {
  const models: Partial<Record<ModelStage, string>> = {};
  const own = flags.filter((flag) => /^[A-Z]+=/.test(flag));
  for (const flag of flags.filter((text) => !own.includes(text))) for (const stage of MODEL_STAGES) models[stage] = flag;
  for (const flag of own) {
    const [stage = '', ...name] = flag.split('=');
    if (!(MODEL_STAGES as readonly string[]).includes(stage))
      throw new Failure('usage', `--model ${flag}: ${stage} is none of ${MODEL_STAGES.join(', ')}`);
    models[stage as ModelStage] = name.join('=');
  }
  return models;
}

/** OLLAMA_HOST may come without a scheme, and 0.0.0.0 is where a server listens, not where it is reached. */
function withScheme(host: string): string {
  const url = /^https?:\/\//.test(host) ? host : `http://${host}`;
  return url.replace('//0.0.0.0', '//127.0.0.1').replace(/\/$/, '');
}
