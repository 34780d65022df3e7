import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ScriptedModel } from './scripted-model.ts';

/** What each model says, by its name. */
type Replies = Readonly<Record<string, object>>;

/** A server that speaks OpenAI's chat protocol and has these models, each of which always says the same. */
export async function scriptedOpenai(replies: Replies): Promise<Pick<ScriptedModel, 'asked' | 'close'> & { readonly baseUrl: string }> {
  const asked: { stage: string; messages: { role: string; content: string }[] }[] = [];
  const server = createServer(async (req, res) => {
    if (req.url === '/v1/models')
      return void res.end(JSON.stringify({ object: 'list', data: Object.keys(replies).map((id) => ({ id, object: 'model' })) }));
    let text = '';
    for await (const chunk of req) text += chunk;
    const { model, messages } = JSON.parse(text) as { model: string; messages: { role: string; content: string }[] };
    const reply = replies[model];
    if (reply === undefined) return void res.writeHead(404).end(JSON.stringify({ error: { message: `no model ${model}` } }));
    asked.push({ stage: model, messages });
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const part = (choice: object | null, more: object = {}) =>
      res.write(
        `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model, choices: choice === null ? [] : [choice], ...more })}\n\n`,
      );
    part({ index: 0, delta: { role: 'assistant', content: JSON.stringify(reply) }, finish_reason: null });
    part({ index: 0, delta: {}, finish_reason: 'stop' });
    part(null, { usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 } });
    res.end('data: [DONE]\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
