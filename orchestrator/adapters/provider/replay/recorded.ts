import { z } from 'zod';
import type { Completion, CompletionRequest } from '../../../ports/provider.ts';

const recordingSchema = z.object({
  request_sha256: z.string(),
  model: z.string(),
  served_by: z.string(),
  tokens_in: z.int().nullable(),
  tokens_out: z.int().nullable(),
  estimated: z.boolean(),
  reply: z.string(),
});
type Recorded = z.infer<typeof recordingSchema>;

/** The file of a recorded reply. */
export function fileOf({ stage, attempt, turn }: Pick<CompletionRequest, 'stage' | 'attempt' | 'turn'>): string {
  return `${stage}-${attempt}-${turn}.json`;
}

/** The text of such a file as a reply, or what is wrong with it. */
export function parseRecorded(text: string): Recorded | { readonly problem: string } {
  const recorded = recordingSchema.safeParse(parse(text));
  return recorded.success ? recorded.data : { problem: z.prettifyError(recorded.error) };
}

/** A recorded reply as the answer to this question: it costs nothing again, and says whether it was given to exactly this question. */
export function completionOf(recorded: Recorded, hash: string): Completion & { readonly replayed: 'fresh' | 'drifted' } {
  const { served_by: servedBy, tokens_in: tokensIn, tokens_out: tokensOut, estimated, reply: text } = recorded;
  return {
    text,
    servedBy: servedBy.startsWith('replay of ') ? servedBy : `replay of ${servedBy}`,
    tokensIn,
    tokensOut,
    estimated,
    costUsd: 0,
    ms: 0,
    replayed: recorded.request_sha256 === hash ? 'fresh' : 'drifted',
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
