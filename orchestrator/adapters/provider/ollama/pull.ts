import { Agent, fetch } from 'undici';
import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import { type Pulling, pullCounter, pullFailure } from '../../../domain/pulling.ts';
import { oneLine } from '../../../domain/untrusted.ts';
import { readMessages } from '../../../protocol/framing.ts';

/** A server says something several times a second; one that says nothing for so long has lost its registry, in milliseconds. */
const SILENCE_MS = 120_000;
const MAX_LINE_BYTES = 64 * 1024;
const WORDS_CHARS = 500;

const bytes = z.int().nonnegative();
const progressSchema = z.object({
  status: z.string().optional(),
  digest: z.string().max(200).optional(),
  total: bytes.optional(),
  completed: bytes.optional(),
  error: z.unknown().optional(),
});

export interface PullOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (pulling: Pulling) => void;
  readonly silenceMs?: number;
}

/**
 * Have a server pull a model. Only its own word that the model is whole ends this well. Errors: model_pull_failed with the server's words, disk
 * where they say that there is no room; the signal's reason when that fires.
 */
export async function pullModel(host: string, model: string, { signal, onProgress, silenceMs = SILENCE_MS }: PullOptions): Promise<void> {
  const what = `pull ${model} at ${host}`;
  const silence = new AbortController();
  const quiet = setTimeout(() => silence.abort(), silenceMs);
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connectTimeout: 5_000 });
  try {
    const response = await fetch(`${host}/api/pull`, {
      method: 'POST',
      body: JSON.stringify({ model, stream: true }),
      redirect: 'error',
      signal: AbortSignal.any([signal, silence.signal]),
      dispatcher,
    });
    if (!response.ok) throw pullFailure(what, `answered ${response.status}: ${await shortText(response.body)}`);
    const count = pullCounter();
    for await (const { status = '', digest, total, completed = 0, error } of readMessages(
      withLastLine(response.body ?? []),
      progressSchema,
      MAX_LINE_BYTES,
    )) {
      quiet.refresh();
      if (error !== undefined) throw pullFailure(what, shown(typeof error === 'string' ? error : JSON.stringify(error)));
      const part = digest === undefined || total === undefined ? null : { id: digest, doneBytes: completed, totalBytes: total };
      onProgress(count(shown(status), part));
      if (status === 'success') return;
    }
    throw pullFailure(what, 'the server hung up without saying that the model is whole');
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (silence.signal.aborted) throw pullFailure(what, `nothing was heard for ${silenceMs / 1000} s`);
    if (error instanceof Failure && !error.code.startsWith('protocol_')) throw error;
    throw pullFailure(what, wordsOf(error), error);
  } finally {
    clearTimeout(quiet);
    // Whatever is still being sent is not wanted any more.
    silence.abort();
    await dispatcher.destroy();
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof Failure) return `the server’s progress is unreadable: ${error.detail}`;
  if (!(error instanceof Error)) return shown(String(error));
  const cause = (error as { cause?: { code?: unknown; message?: unknown } }).cause;
  return shown(`${error.message}${cause === undefined ? '' : ` (${String(cause.code ?? cause.message)})`}`);
}

const shown = (text: string) => oneLine(text, WORDS_CHARS);

/** The begin of an error's body, and the error in it where it is the server's own JSON. */
async function shortText(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_LINE_BYTES) break;
  }
  const own = /^\s*\{"error":\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  return shown(own === undefined ? text : (JSON.parse(own) as string));
}

/** A server may leave out the line break at the end. */
async function* withLastLine(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last: number | undefined;
  for await (const chunk of body) {
    last = chunk.at(-1) ?? last;
    yield chunk;
  }
  if (last !== undefined && last !== 0x0a) yield Uint8Array.of(0x0a);
}
