/** What making stage images asks of an engine. Errors: engine_unreachable, engine_failed, image_build_failed. */
export interface ImageStore {
  /** The image's id when the reference exists on the engine, else null. */
  find(reference: string): Promise<string | null>;
  /** Pull from whatever registry the engine has; false when none answers or it lacks the image. */
  pull(reference: string): Promise<boolean>;
  /** Make an image of a root filesystem's tar. */
  import(tar: AsyncIterable<Uint8Array>, reference: string): Promise<void>;
  /** Build one target of a Dockerfile; `context` is a tar with the Dockerfile at its root. Every line of progress goes to `onLine`. */
  build(request: BuildRequest, onLine: (line: string) => void): Promise<string>;
}

export interface BuildRequest {
  readonly context: AsyncIterable<Uint8Array>;
  readonly dockerfile: string;
  readonly target: string;
  readonly reference: string;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}
