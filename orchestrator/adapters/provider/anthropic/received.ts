import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { type Counts, countOf } from '../../../domain/prices.ts';

/** What has come of a reply. */
export interface Received {
  /** Who answers, by its own name; null as long as it did not say. */
  readonly model: string | null;
  readonly text: string;
  /** The same for the input of a tool. */
  readonly input: string;
  readonly stopReason: string | null;
  /** Why it declined, in its words. */
  readonly declined: string | null;
  readonly usage: Usage;
  /** Whether the end of the reply was said. */
  readonly whole: boolean;
}

/** Counts as they were told, not looked at yet. */
interface Usage {
  readonly input_tokens?: unknown;
  readonly output_tokens?: unknown;
  readonly cache_read_input_tokens?: unknown;
  readonly cache_creation_input_tokens?: unknown;
}

export const NOTHING_RECEIVED: Received = {
  ...{ model: null, text: '', input: '', stopReason: null, declined: null },
  usage: {},
  whole: false,
};

/** What has come, with one more event. The counts of a later event are those of the whole reply so far. */
export function receive(so: Received, event: RawMessageStreamEvent): Received {
  switch (event.type) {
    case 'message_start': {
      const message = event.message ?? {};
      // What it says of the output before there is any is no count.
      const { output_tokens: _, ...usage } = message.usage ?? {};
      return { ...so, model: typeof message.model === 'string' ? message.model : null, usage };
    }
    case 'content_block_delta': {
      const { delta } = event;
      if (delta?.type === 'text_delta') return { ...so, text: so.text + delta.text };
      if (delta?.type === 'input_json_delta') return { ...so, input: so.input + delta.partial_json };
      return so;
    }
    case 'message_delta': {
      const { stop_reason: stopReason = null, stop_details: details = null } = event.delta ?? {};
      const declined = details?.explanation ?? details?.category ?? null;
      return { ...so, stopReason, declined, usage: { ...so.usage, ...known(event.usage) } };
    }
    case 'message_stop':
      return { ...so, whole: true };
    default:
      return so;
  }
}

/** All counts; null where one of the two that every reply has is missing or cannot be one. */
export function countsOf({ usage }: Received): Counts | null {
  const [fresh, out] = [countOf(usage.input_tokens), countOf(usage.output_tokens)];
  const [cacheRead, cacheWrite] = [countOf(usage.cache_read_input_tokens ?? 0), countOf(usage.cache_creation_input_tokens ?? 0)];
  return fresh === null || out === null || cacheRead === null || cacheWrite === null ? null : { fresh, out, cacheRead, cacheWrite };
}

function known(usage: object | null | undefined): Usage {
  return Object.fromEntries(Object.entries(usage ?? {}).filter(([, value]) => value !== null && value !== undefined));
}
