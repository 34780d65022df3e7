import { openaiProvider } from '../../../orchestrator/adapters/provider/openai/index.ts';
import { KEY, MODEL, type Wire } from './wire.ts';

const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const part = (model: string, delta: object, finish_reason: string | null = null) =>
  event({ id: 'c', object: 'chat.completion.chunk', model, choices: [{ index: 0, delta, finish_reason }] });

/** Server-sent events without names; the counts come in a part of their own, after the reply. */
export const openaiWire: Wire = {
  name: 'openai',
  contentType: 'text/event-stream',
  chat: '/v1/chat/completions',
  begin: (model) => part(model, { role: 'assistant', content: '' }),
  token: (content, model) => part(model, { content }),
  end({ why, told, model }) {
    const declined = why === 'declined' ? part(model, { refusal: 'I cannot do that.' }) : '';
    const counted =
      told === null
        ? ''
        : event({
            ...{ id: 'c', model, choices: [] },
            usage: { prompt_tokens: told.in, completion_tokens: told.out, prompt_tokens_details: { cached_tokens: told.cacheRead ?? 0 } },
          });
    return `${declined}${part(model, {}, why === 'length' ? 'length' : 'stop')}${counted}data: [DONE]\n\n`;
  },
  errorInside: (message) => event({ error: { message, type: 'server_error', code: null } }),
  error: (type, message) => ({ error: { message, type, code: type, param: null } }),
  about: (path, models) =>
    path === '/v1/models'
      ? { status: 200, body: { object: 'list', data: models.map((id) => ({ id, object: 'model', max_model_len: 8_192 })) } }
      : null,
  provider: (host) =>
    openaiProvider({
      ...{ baseUrl: `${host}/v1`, key: KEY, local: false },
      prices: { [MODEL]: { in: 3, out: 15, cache_read: 0.3 }, 'other-model': { in: 30, out: 150 } },
    }),
};
