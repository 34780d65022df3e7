import { CATALOGUE, Failure } from '../../domain/failure.ts';
import type { Probe } from './examine.ts';
import { ok, type Said, warn } from './finding.ts';

/** A model server, as far as the probe asks it. */
export interface ModelServer {
  readonly host: string;
  list(signal: AbortSignal): Promise<readonly { readonly name: string; readonly digest: string | null }[]>;
  show(
    model: string,
    signal: AbortSignal,
  ): Promise<{ readonly parameters: string | null; readonly quantization: string | null; readonly contextTokens: number | null }>;
}

export interface ModelsAsked {
  /** Names of Ollama's models as the settings give them, each once. */
  readonly models: readonly string[];
  /** The context that every stage asks for. */
  readonly contextTokens: number;
}

const REPLAY = '`make factory` without REQ replays and needs none.';
/** Milliseconds for the server to answer all of it: less than a probe has, so that a mute server is told as one. */
const PATIENCE_MS = 4_000;

/** The server answers, has each configured model, and each takes the context that will be asked for. */
export function modelsProbe(server: ModelServer, asked: ModelsAsked): Probe {
  return async (given) => {
    if (asked.models.length === 0) return ok('no stage asks Ollama; `factory models` looks at the others');
    const signal = AbortSignal.any([given, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      return await look(server, asked, signal);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const words = signal.aborted ? `${server.host} gave no answer within ${PATIENCE_MS / 1000} s` : error.detail;
      return warn(words, `${CATALOGUE.model_unavailable.advice.split(';')[0]}. ${REPLAY}`, { stopsRequests: true });
    }
  };
}

async function look(server: ModelServer, { models, contextTokens }: ModelsAsked, signal: AbortSignal): Promise<Said> {
  const there = await server.list(signal);
  const digestOf = (model: string) => there.find(({ name }) => name === model || name === `${model}:latest`);
  const missing = models.filter((model) => digestOf(model) === undefined);
  if (missing.length > 0)
    return warn(
      `${server.host} does not have ${missing.join(', ')}`,
      `${missing.map((model) => `ollama pull ${model}`).join(' && ')}. ${REPLAY}`,
      {
        stopsRequests: true,
      },
    );
  const shown = await Promise.all(
    models.map(async (model) => ({ model, digest: digestOf(model)?.digest, ...(await server.show(model, signal)) })),
  );
  const words = shown.map(({ model, digest, parameters, quantization, contextTokens: own }) => {
    const facts = [digest, parameters, quantization, own === null ? 'context unknown' : `context ${own.toLocaleString('en-US')}`];
    return `${model} (${facts.filter((fact) => fact !== null && fact !== undefined).join(', ')})`;
  });
  const says = `${server.host}: ${words.join('; ')}; ${contextTokens.toLocaleString('en-US')} tokens are asked for`;
  const small = shown.filter(({ contextTokens: own }) => own !== null && own < contextTokens);
  const least = Math.min(...small.map(({ contextTokens: own }) => own ?? Number.POSITIVE_INFINITY));
  if (small.length === 0) return ok(says);
  return warn(
    `${says}: more than ${small.map(({ model }) => model).join(', ')} can hold`,
    `Set \`context_tokens: ${least}\` in factory.yaml (or --context-tokens ${least}), or use a model with a larger context.`,
  );
}
