import { z } from 'zod';

/** A model as a server lists it. */
interface Listed {
  readonly id: string;
  /** Tokens that it takes at most, prompt and reply together; null where the server does not say. */
  readonly contextTokens: number | null;
}

const count = z.int().positive().max(1_000_000_000).optional().catch(undefined);
const listSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      /** vLLM. */
      max_model_len: count,
      /** Routers, LM Studio. */
      context_length: count,
      context_window: count,
      max_context_length: count,
      /** llama.cpp. */
      meta: z.object({ n_ctx: count, n_ctx_train: count }).nullish().catch(undefined),
    }),
  ),
});

/** The models of a server; null where what it answered is no list of them. */
export function listOf(answer: unknown): readonly Listed[] | null {
  const list = listSchema.safeParse(answer);
  if (!list.success) return null;
  return list.data.data.map(({ id, max_model_len, context_length, context_window, max_context_length, meta }) => ({
    id,
    contextTokens: max_model_len ?? context_length ?? context_window ?? max_context_length ?? meta?.n_ctx ?? meta?.n_ctx_train ?? null,
  }));
}
