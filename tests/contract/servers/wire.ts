import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WireName } from '../../../orchestrator/cli/docs/provider-faults.ts';
import type { Provider } from '../../../orchestrator/ports/provider.ts';

/** Counts as they go over the wire: a test may put in what no count can be. */
export interface Told {
  readonly in: unknown;
  readonly out: unknown;
  readonly cacheRead?: unknown;
  readonly cacheWrite?: unknown;
}

/** How one protocol says the parts of a streamed reply, and how it says no. */
export interface Wire {
  readonly name: WireName;
  readonly contentType: string;
  /** Where a question goes. */
  readonly chat: string;
  readonly begin: (model: string) => string;
  readonly token: (text: string, model: string) => string;
  readonly end: (end: { readonly why: 'done' | 'length' | 'declined'; readonly told: Told | null; readonly model: string }) => string;
  readonly errorInside: (words: string) => string;
  readonly error: (kind: string, words: string) => object;
  /** The answer to a question about models; null where it is none. */
  readonly about: (path: string, models: readonly string[]) => { readonly status: number; readonly body: object } | null;
  /** The provider under test, for a server at this address, with one price. */
  readonly provider: (host: string) => Provider;
}

/** What a key looks like that must be seen nowhere. */
export const KEY = 'sk-planted-0123456789abcdef';
export const MODEL = 'm:7b';

/** One question as it came. */
export interface Asked {
  readonly body: Record<string, unknown>;
  readonly headers: IncomingMessage['headers'];
}

export type Handler = (res: ServerResponse, asked: Asked) => void;

export interface Running {
  readonly host: string;
  readonly asked: readonly Asked[];
  close(): void;
}

/** A server of this protocol whose answer to every question the handler gives. */
export async function running(wire: Wire, handler: Handler, models: readonly string[] = [MODEL]): Promise<Running> {
  const asked: Asked[] = [];
  const server: Server = createServer(async (req, res) => {
    let text = '';
    for await (const chunk of req) text += chunk;
    const about = wire.about(req.url ?? '', models);
    if (about !== null) return void res.writeHead(about.status, { 'content-type': 'application/json' }).end(JSON.stringify(about.body));
    const one = { body: JSON.parse(text || '{}') as Record<string, unknown>, headers: req.headers };
    asked.push(one);
    handler(res, one);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A whole streamed reply. */
export function wholeReply(
  wire: Wire,
  reply: { readonly text: string; readonly told?: Told | null; readonly model?: string; readonly why?: 'done' | 'length' | 'declined' },
): string {
  const { text, told = { in: 11, out: 5 }, model = MODEL, why = 'done' } = reply;
  const tokens = text.match(/.{1,3}/gsu) ?? [];
  return [wire.begin(model), ...tokens.map((token) => wire.token(token, model)), wire.end({ why, told, model })].join('');
}

export function answering(wire: Wire, reply: Parameters<typeof wholeReply>[1]): Handler {
  return (res) => void res.writeHead(200, { 'content-type': wire.contentType }).end(wholeReply(wire, reply));
}
