import { createHash } from 'node:crypto';
import type { ModelStage } from '../../domain/stage.ts';
import { splitName } from '../providers.ts';
import type { ReadSettings } from '../settings.ts';

const OLLAMA = 'ollama/ollama';

/** What the container of this image and the volume of its models are called. Another tag of the same image finds the same models. */
export function serverName(image: string): string {
  const repository = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  if (repository === OLLAMA) return 'factory-ollama';
  return `factory-ollama-${createHash('sha256').update(repository).digest('hex').slice(0, 8)}`;
}

/** The models of these stages that Ollama is asked for, each once, those that may only be asked in another's place too. */
export function ollamaModels({ chainOf }: Pick<ReadSettings, 'chainOf'>, stages: readonly ModelStage[]): string[] {
  const names = stages.flatMap((stage) => chainOf[stage]).map(splitName);
  return [...new Set(names.flatMap(({ kind, model }) => (kind === 'ollama' ? [model] : [])))];
}
