import type { AddressInfo } from 'node:net';
import { connect, createServer, type NetConnectOpts, type Server } from 'node:net';

/** A way to an engine over TCP that reads along: it changes nothing and knows what passed. */
export interface EngineProxy {
  /** As DOCKER_HOST wants it. */
  readonly url: string;
  /** Every request that reached the engine: method and path without the API's version, and its body where that is JSON. */
  requests(): { readonly method: string; readonly path: string; readonly body: unknown }[];
  connections(): number;
  close(): void;
}

export async function engineProxy(endpoint: string): Promise<EngineProxy> {
  const sent: Buffer[][] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    const chunks: Buffer[] = [];
    sent.push(chunks);
    const engine = connect({ ...placeOf(endpoint), allowHalfOpen: true });
    client.on('data', (chunk) => chunks.push(chunk));
    client.pipe(engine);
    engine.pipe(client);
    // Either end may break off; the other is told by its socket's end.
    client.on('error', () => engine.destroy());
    engine.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => sent.flatMap((chunks) => requestsIn(Buffer.concat(chunks).toString('latin1'))),
    connections: () => sent.length,
    close: () => server.close(),
  };
}

function placeOf(endpoint: string): NetConnectOpts {
  const path = /^unix:\/\/(.+)$/.exec(endpoint)?.[1];
  if (path !== undefined) return { path };
  const { hostname, port } = new URL(endpoint.replace(/^tcp:/, 'http:'));
  return { host: hostname, port: Number(port || 2375) };
}

function requestsIn(text: string): { method: string; path: string; body: unknown }[] {
  return [...text.matchAll(/(GET|POST|PUT|DELETE|HEAD) (\/\S*) HTTP\/1\.1\r\n([\s\S]*?)\r\n\r\n/g)].map((match) => {
    const [whole, method = '', path = '', head = ''] = match;
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    const isJson = /^content-type: application\/json/im.test(head);
    const from = match.index + whole.length;
    const body: unknown = isJson && length > 0 ? JSON.parse(Buffer.from(text.slice(from, from + length), 'latin1').toString()) : null;
    return { method, path: path.replace(/^\/v[0-9.]+\//, '/'), body };
  });
}
