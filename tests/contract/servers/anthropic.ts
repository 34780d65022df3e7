import { anthropicProvider } from '../../../orchestrator/adapters/provider/anthropic/index.ts';
import { KEY, MODEL, type Told, type Wire } from './wire.ts';

const event = (data: { readonly type: string; readonly [key: string]: unknown }) =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const promptCounts = ({ in: input_tokens, cacheRead = 0, cacheWrite = 0 }: Told) => ({
  ...{ input_tokens, cache_read_input_tokens: cacheRead, cache_creation_input_tokens: cacheWrite },
});

/** Server-sent events with names; the prompt's counts come first, the reply's last. */
export const anthropicWire: Wire = {
  name: 'anthropic',
  contentType: 'text/event-stream; charset=utf-8',
  chat: '/v1/messages',
  begin: (model) =>
    event({
      type: 'message_start',
      message: { id: 'msg', type: 'message', role: 'assistant', model, content: [], usage: { output_tokens: 1 } },
    }) +
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
    event({ type: 'ping' }),
  token: (text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  end({ why, told }) {
    const stop_reason = { done: 'end_turn', length: 'max_tokens', declined: 'refusal' }[why];
    const stop_details = why === 'declined' ? { type: 'refusal', category: 'cyber', explanation: 'It will not.' } : null;
    const usage = told === null ? undefined : { ...promptCounts(told), output_tokens: told.out };
    return (
      event({ type: 'content_block_stop', index: 0 }) +
      event({ type: 'message_delta', delta: { stop_reason, stop_details, stop_sequence: null }, usage }) +
      event({ type: 'message_stop' })
    );
  },
  errorInside: (message) => event({ type: 'error', error: { type: 'overloaded_error', message } }),
  error: (type, message) => ({ type: 'error', error: { type, message } }),
  about(path, models) {
    const [, name] = /^\/v1\/models\/([^?]+)/.exec(path) ?? [];
    if (name === undefined) return null;
    const id = decodeURIComponent(name);
    if (models.includes(id)) return { status: 200, body: { type: 'model', id, max_input_tokens: 200_000 } };
    return { status: 404, body: { type: 'error', error: { type: 'not_found_error', message: `model: ${id}` } } };
  },
  provider: (baseUrl) =>
    anthropicProvider({
      baseUrl,
      key: KEY,
      prices: { [MODEL]: { in: 3, out: 15, cache_read: 0.3, cache_write: 3.75 }, 'other-model': { in: 30, out: 150 } },
    }),
};
