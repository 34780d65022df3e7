import { connect } from '../../adapters/engine/docker/connect.ts';
import { dockerModelServers } from '../../adapters/engine/docker/model-server.ts';
import { Failure } from '../../domain/failure.ts';
import type { ModelStage } from '../../domain/stage.ts';
import type { Console } from '../console.ts';
import { DEFAULT_OLLAMA, type ReadSettings } from '../settings.ts';
import { ollamaModels } from './names.ts';
import { type PulledModels, pullModels } from './pull-models.ts';

/** Pull what these stages name, with the engine that the command line, the environment or the usual places give. Errors: see `pullModels`. */
export function pullFor(
  stages: readonly ModelStage[],
  settings: ReadSettings,
  { console, dockerHost, signal }: { readonly console: Console; readonly dockerHost: string | undefined; readonly signal: AbortSignal },
): Promise<PulledModels> {
  const { ollamaHost: host, ollama_image: image, pull_timeout_s: limitS } = settings;
  const engine = async () => {
    const { docker, endpoint } = await connect({ host: dockerHost, env: console.env });
    return { servers: dockerModelServers(docker), endpoint };
  };
  return pullModels({ models: ollamaModels(settings, stages), host, image, limitS, dockerHost }, { engine, console, signal });
}

/** The same failure, with what --pull would do where nobody answers at the default address and there is an engine. */
export async function offeringPull(
  error: unknown,
  {
    settings,
    dockerHost,
    env,
  }: { readonly settings: ReadSettings; readonly dockerHost: string | undefined; readonly env: NodeJS.ProcessEnv },
): Promise<unknown> {
  if (!(error instanceof Failure) || error.code !== 'model_unavailable' || settings.ollamaHost !== DEFAULT_OLLAMA) return error;
  const endpoint = await connect({ host: dockerHost, env }).then(
    (found) => found.endpoint,
    () => null,
  );
  if (endpoint === null) return error;
  const offer = `there is a Docker engine at ${endpoint}: with --pull (make factory PULL=1 REQ="…") Ollama is started on it and the models are pulled, gigabytes from the internet`;
  return new Failure(error.code, `${error.detail}\n${offer}`, { cause: error, spent: error.spent, retryAfterMs: error.retryAfterMs });
}
