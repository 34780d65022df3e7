import { showModel } from './show.ts';

/** How long the server may take to describe a model, in milliseconds. */
const SHOW_MS = 5_000;

/** Tokens that each model of a server was made for, asked once a model; null where the server does not tell. */
export function contextSizes(host: string): (model: string) => Promise<number | null> {
  const known = new Map<string, Promise<number | null>>();
  return (model) => {
    const asked =
      known.get(model) ??
      showModel(host, model, AbortSignal.timeout(SHOW_MS)).then(
        ({ contextTokens }) => contextTokens,
        // It describes nothing and may answer all the same: whether it has the model was asked before.
        () => null,
      );
    known.set(model, asked);
    return asked;
  };
}
