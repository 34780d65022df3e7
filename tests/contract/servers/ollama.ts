import { ollamaProvider } from '../../../orchestrator/adapters/provider/ollama/index.ts';
import type { Wire } from './wire.ts';

const line = (part: object) => `${JSON.stringify(part)}\n`;

/** A line of JSON for each part. */
export const ollamaWire: Wire = {
  name: 'ollama',
  contentType: 'application/x-ndjson',
  chat: '/api/chat',
  begin: () => '',
  token: (content, model) => line({ model, message: { role: 'assistant', content }, done: false }),
  end: ({ why, told, model }) =>
    line({
      ...{ model, message: { role: 'assistant', content: '' }, done: true, done_reason: why === 'length' ? 'length' : 'stop' },
      ...(told === null ? {} : { prompt_eval_count: told.in, eval_count: told.out }),
    }),
  errorInside: (error) => line({ error }),
  error: (_, error) => ({ error }),
  about(path, models) {
    if (path === '/api/tags') return { status: 200, body: { models: models.map((name) => ({ name, details: { family: 'qwen2' } })) } };
    return path === '/api/show' ? { status: 200, body: { model_info: { 'general.architecture': 'a', 'a.context_length': 4_096 } } } : null;
  },
  provider: (host) => ollamaProvider({ host }),
};
