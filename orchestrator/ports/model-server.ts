import type { Pulling } from '../domain/pulling.ts';

/** A model server that runs in a container of its own: a provider, no part of any run's jail. */
export interface ModelServer {
  /** Where it is reached from this machine: `http://127.0.0.1:32768`. */
  readonly address: string;
  /** What its container was made from. */
  readonly image: string;
  /** True: this call made its container, its volume. */
  readonly madeContainer: boolean;
  readonly madeVolume: boolean;
}

/** Errors: engine_lost, engine_failed, model_pull_failed, disk. */
export interface ModelServers {
  /** The one of this name, started where it stood still; null where there is none. */
  find(name: string): Promise<ModelServer | null>;
  hasImage(image: string): Promise<boolean>;
  /** Pull an image. Throws with the engine's own words, and the signal's reason when that fires. */
  pullImage(image: string, signal: AbortSignal, onProgress: (pulling: Pulling) => void): Promise<void>;
  /** Make one and start it; its models lie in a volume of the same name. Nothing of a failed start is left behind. */
  start(name: string, image: string): Promise<ModelServer>;
  /** null while it runs, else how it ended and what it printed last. */
  ended(name: string): Promise<string | null>;
  removeContainer(name: string): Promise<void>;
  removeVolume(name: string): Promise<void>;
}
