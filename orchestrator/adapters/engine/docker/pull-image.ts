import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import { type Pulling, pullCounter, pullFailure } from '../../../domain/pulling.ts';
import { oneLine } from '../../../domain/untrusted.ts';
import { readMessages } from '../../../protocol/framing.ts';
import { engineFailure, engineWords } from './errors.ts';

/** How long a registry may take to answer at all, and then between two signs of life, in milliseconds. */
const FIRST_ANSWER_MS = 60_000;
const SILENCE_MS = 120_000;
const MAX_LINE_BYTES = 64 * 1024;

const bytes = z.int().nonnegative();
const progressSchema = z.object({
  status: z.string().optional(),
  id: z.string().max(200).optional(),
  progressDetail: z.object({ current: bytes.optional(), total: bytes.optional() }).optional(),
  error: z.string().optional(),
});

/**
 * Pull an image and tell how far it is. Errors: model_pull_failed with the engine's words, disk, engine_lost; the signal's reason when that fires.
 */
export async function pullImage(
  docker: Dockerode,
  image: string,
  signal: AbortSignal,
  onProgress: (pulling: Pulling) => void,
): Promise<void> {
  const what = `pull image ${image}`;
  const silence = new AbortController();
  let limitMs = FIRST_ANSWER_MS;
  let quiet = setTimeout(() => silence.abort(), limitMs);
  const ends = AbortSignal.any([signal, silence.signal]);
  try {
    signal.throwIfAborted();
    const answer = (await docker.pull(image, { abortSignal: ends })) as Readable;
    ends.addEventListener('abort', () => answer.destroy(), { once: true });
    const count = pullCounter();
    for await (const { status = '', id, progressDetail, error } of readMessages(answer, progressSchema, MAX_LINE_BYTES)) {
      clearTimeout(quiet);
      limitMs = SILENCE_MS;
      quiet = setTimeout(() => silence.abort(), limitMs);
      if (error !== undefined) throw pullFailure(what, oneLine(error, 500));
      // Unpacking counts anew from nothing; only what comes over the network is told.
      const total = /^downloading/i.test(status) ? progressDetail?.total : undefined;
      const part = id === undefined || total === undefined ? null : { id, doneBytes: progressDetail?.current ?? 0, totalBytes: total };
      onProgress(count(oneLine(status, 200), part));
    }
    if (ends.aborted) throw new Error('aborted');
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (silence.signal.aborted) throw pullFailure(what, `nothing was heard for ${limitMs / 1000} s`);
    if (error instanceof Failure && !error.code.startsWith('protocol_')) throw error;
    if (error instanceof Failure) throw pullFailure(what, `the engine’s progress is unreadable: ${error.detail}`, error);
    const failure = engineFailure(what, error);
    throw failure.code === 'engine_lost' ? failure : pullFailure(what, engineWords(error), error);
  } finally {
    clearTimeout(quiet);
    silence.abort();
  }
}
