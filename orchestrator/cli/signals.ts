import { Failure } from '../domain/failure.ts';

/**
 * The first Ctrl-C or SIGTERM ends the run in an orderly way, with everything on the engine removed; the second ends the program at once
 * (the next start or `factory clean` removes what was left).
 */
export function onSignals(say: (text: string) => void): { readonly signal: AbortSignal; end(): void } {
  const stop = new AbortController();
  const on = (name: 'SIGINT' | 'SIGTERM') => {
    const failure = name === 'SIGINT' ? new Failure('interrupted', 'by Ctrl-C') : new Failure('terminated', 'by SIGTERM');
    if (stop.signal.aborted) process.exit(failure.entry.exit);
    say(`\n${name}: ending the run and removing its containers (again to end at once)\n`);
    stop.abort(failure);
  };
  const interrupt = () => on('SIGINT');
  const terminate = () => on('SIGTERM');
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  return {
    signal: stop.signal,
    end() {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', terminate);
    },
  };
}
