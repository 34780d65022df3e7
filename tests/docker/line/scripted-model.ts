import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the model says to its n-th question (from 0) at a stage; the last reply is repeated. `hang`: it never answers; `die`: the server is gone. */
export type Script = Partial<Record<'PLAN' | 'SCOUT' | 'BUILD' | 'TEST' | 'REVIEW', (object | 'hang' | 'die')[]>>;

export interface ScriptedModel {
  readonly host: string;
  /** Flags that give every stage its own model name, by which the server tells them apart. */
  readonly flags: readonly string[];
  /** The conversation of each question so far, by stage. */
  readonly asked: readonly { readonly stage: string; readonly messages: readonly { role: string; content: string }[] }[];
  close(): void;
}

/** A server that speaks Ollama's wire protocol and says what the test wrote. Its replies are the test's, not a model's. `contextTokens`: what its models are made for. */
export async function scriptedModel(script: Script, contextTokens = 32_768): Promise<ScriptedModel> {
  const stages = ['PLAN', 'SCOUT', 'BUILD', 'TEST', 'REVIEW'] as const;
  const asked: { stage: string; messages: { role: string; content: string }[] }[] = [];
  const server: Server = createServer(async (req, res) => {
    if (req.url === '/api/tags') {
      res.end(JSON.stringify({ models: stages.map((stage) => ({ name: `scripted-${stage}`, details: { family: 'scripted' } })) }));
      return;
    }
    if (req.url === '/api/show') {
      res.end(JSON.stringify({ model_info: { 'general.architecture': 'scripted', 'scripted.context_length': contextTokens } }));
      return;
    }
    let text = '';
    for await (const chunk of req) text += chunk;
    const body = JSON.parse(text) as { model: string; stream?: boolean; messages: { role: string; content: string }[] };
    const stage = body.model.replace('scripted-', '') as (typeof stages)[number];
    const n = asked.filter((question) => question.stage === stage).length;
    asked.push({ stage, messages: body.messages });
    const replies = script[stage] ?? [];
    const reply = replies[Math.min(n, replies.length - 1)];
    if (reply === undefined) return void res.writeHead(500).end(JSON.stringify({ error: `the script has nothing for ${stage}` }));
    if (reply === 'hang') return;
    if (reply === 'die') {
      server.close();
      return void server.closeAllConnections();
    }
    const content = JSON.stringify(reply);
    const part = (said: string, more: object) =>
      `${JSON.stringify({ model: body.model, message: { role: 'assistant', content: said }, ...more })}\n`;
    const counts = { prompt_eval_count: Math.ceil(JSON.stringify(body.messages).length / 4), eval_count: Math.ceil(content.length / 4) };
    const last = { done: true, done_reason: 'stop', ...counts };
    if (body.stream === false) return void res.end(part(content, last));
    for (const token of content.match(/.{1,4}/gs) ?? []) res.write(part(token, { done: false }));
    res.end(part('', last));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    flags: stages.flatMap((stage) => ['--model', `${stage}=scripted-${stage}`]),
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
