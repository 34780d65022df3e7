import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallEngine {
  readonly socket: string;
  /** Method and path of each request, the API's version left out. */
  readonly asked: readonly string[];
  /** Break every connection and answer no more. */
  die(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** The outside of an engine: a server on a unix socket that answers by a table of `METHOD path`, and 404 with words to anything else. */
export async function smallEngine(answers: Readonly<Record<string, Answer>> = {}): Promise<SmallEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'small-engine-'));
  const socket = join(folder, 'docker.sock');
  const asked: string[] = [];
  const open = new Set<Socket>();
  const all: Record<string, Answer> = { 'GET /_ping': (_, response) => response.end('OK'), ...answers };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/, '').replace(/^\/v[0-9.]+\//, '/');
    const key = `${request.method} ${path}`;
    asked.push(key);
    const answer = all[key] ?? all[Object.keys(all).find((one) => one.endsWith('*') && key.startsWith(one.slice(0, -1))) ?? ''];
    if (answer === undefined) json(404, { message: `page not found: ${key}` })(request, response);
    else answer(request, response);
  });
  server.on('connection', (one) => {
    open.add(one);
    one.on('close', () => open.delete(one));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    asked,
    async die() {
      for (const one of open) one.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function json(status: number, body: unknown): Answer {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };
}

/** Takes the question and never answers. */
export const silence: Answer = (request) => {
  request.resume();
};

/** Takes the question and breaks the connection. */
export const hangUp: Answer = (request) => {
  request.socket.destroy();
};
