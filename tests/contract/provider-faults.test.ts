import { describe, expect, test } from 'vitest';
import { PROVIDER_FAULTS, type ProviderFault, type ProviderFaultId } from '../../orchestrator/cli/docs/provider-faults.ts';
import { Failure } from '../../orchestrator/domain/failure.ts';
import type { Completion, CompletionRequest } from '../../orchestrator/ports/provider.ts';
import { question } from './provider.ts';
import { anthropicWire } from './servers/anthropic.ts';
import { ollamaWire } from './servers/ollama.ts';
import { openaiWire } from './servers/openai.ts';
import { answering, type Handler, KEY, MODEL, type Running, running, type Wire, wholeReply } from './servers/wire.ts';

const REPLY = '{"a":1,"w":"é✓👍"}';

/** What is done to a question, and what is looked at besides the code. */
interface Played {
  readonly handler?: (wire: Wire) => Handler;
  /** Somewhere else than at the server. */
  readonly host?: (host: string) => string;
  readonly more?: Partial<CompletionRequest>;
  readonly abort?: boolean;
  /** The server is closed before it is asked. */
  readonly gone?: boolean;
  readonly failed?: (failure: Failure, wire: Wire) => void;
  readonly answered?: (completion: Completion, wire: Wire, server: Running) => void;
}

const QUICK = { deadlineMs: 250 };
/** Long: a fault that is found only by the deadline would be found too late. */
const PATIENT = { deadlineMs: 15_000 };

const status =
  (code: number, kind: string, words: string, headers: Record<string, string> = {}) =>
  (wire: Wire): Handler =>
  (res) =>
    void res.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(wire.error(kind, words)));
const begun = (wire: Wire) => wire.begin(MODEL) + wire.token('{"a"', MODEL);
const stream =
  (send: (wire: Wire, write: (text: string | Uint8Array) => void, end: () => void, cut: () => void) => void) =>
  (wire: Wire): Handler =>
  (res) => {
    res.writeHead(200, { 'content-type': wire.contentType });
    send(
      wire,
      (text) => void res.write(text),
      () => void res.end(),
      () => void res.destroy(),
    );
  };
const ended = (text: (wire: Wire) => string) =>
  stream((wire, write, end) => {
    write(text(wire));
    end();
  });
/** As much as anybody takes, for as long as somebody does. */
const flood =
  (first: (wire: Wire) => string, piece: (wire: Wire) => string) =>
  (wire: Wire): Handler =>
  (res) => {
    res.writeHead(200, { 'content-type': wire.contentType });
    res.write(first(wire));
    const pieces = Buffer.from(piece(wire));
    const more = () => {
      while (!res.destroyed && res.write(pieces));
    };
    res.on('drain', more);
    more();
  };
const costsNothing = ({ spent }: Failure) => expect(spent).toEqual({ tokensIn: 0, tokensOut: 0, costUsd: 0 });
const costsWhatWasCounted = ({ spent }: Failure, wire: Wire) =>
  expect(spent).toEqual({ tokensIn: 11, tokensOut: 5, costUsd: wire.name === 'ollama' ? 0 : (11 * 3 + 5 * 15) / 1e6 });
const says = (words: string | RegExp) => (failure: Failure) => expect(failure.detail).toMatch(words);
const unknown = { tokensIn: null, tokensOut: null };

const PLAYS: Readonly<Record<ProviderFaultId, Played>> = {
  refused: { gone: true, failed: costsNothing },
  'no-name': { host: () => 'http://nobody.invalid', failed: costsNothing },
  'no-tls': { host: (host) => host.replace('http:', 'https:'), failed: costsNothing },
  reset: { handler: () => (res) => void res.destroy(), more: PATIENT },
  hang: { handler: () => () => undefined, more: QUICK },
  drip: {
    handler: stream((wire, write) => {
      write(begun(wire));
      setInterval(() => write(wire.token('.', MODEL)), 20).unref();
    }),
    more: QUICK,
  },
  begins: { handler: stream((wire, write) => write(begun(wire))), more: QUICK },
  cut: {
    handler: stream((wire, write, _, cut) => {
      write(begun(wire));
      setTimeout(cut, 30);
    }),
    more: PATIENT,
  },
  endless: { handler: ended(begun), more: PATIENT, failed: says(/whole/) },
  'error-inside': {
    handler: ended((wire) => begun(wire) + wire.errorInside('the runner died')),
    more: PATIENT,
    failed: says('the runner died'),
  },
  '400': {
    handler: status(400, 'invalid_request_error', 'no such thing as this'),
    failed: (failure) => {
      says('no such thing as this')(failure);
      costsNothing(failure);
    },
  },
  '400-form': {
    handler:
      (wire) =>
      (res, { body }) => {
        const held = 'output_config' in body || 'response_format' in body;
        const refused = { anthropic: 'output_config.format.schema: too complex', openai: 'Invalid schema for response_format', ollama: '' }[
          wire.name
        ];
        (held ? status(400, 'invalid_request_error', refused) : answeringAsAsked)(wire)(res, { body, headers: {} });
      },
    answered: ({ text }, wire, { asked }) => {
      expect(JSON.parse(text)).toEqual(JSON.parse(REPLY));
      expect(asked.length).toBe(wire.name === 'anthropic' ? 2 : 3);
    },
  },
  '400-long': { handler: status(400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'), failed: costsNothing },
  '401': {
    handler:
      (wire) =>
      (res, { headers }) =>
        status(401, 'authentication_error', `invalid key: ${headers.authorization}`)(wire)(res, { body: {}, headers }),
    failed: (failure) => {
      expect(`${failure.detail} ${failure.message} ${JSON.stringify(failure)}`).not.toContain(KEY);
      costsNothing(failure);
    },
  },
  '403': { handler: status(403, 'permission_error', 'not for this account'), failed: says('not for this account') },
  '404': { handler: status(404, 'not_found_error', `model: ${MODEL} not found`), failed: says(MODEL) },
  '404-page': { handler: () => (res) => void res.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found') },
  '429': {
    handler: status(429, 'rate_limit_error', 'slow down'),
    failed: (failure) => {
      expect(failure.retryAfterMs).toBeNull();
      costsNothing(failure);
    },
  },
  '429-after': {
    handler: status(429, 'rate_limit_error', 'slow down', { 'retry-after': '7' }),
    failed: ({ retryAfterMs }) => expect(retryAfterMs).toBe(7_000),
  },
  '429-money': { handler: status(429, 'insufficient_quota', 'You exceeded your current quota') },
  '500': { handler: status(500, 'api_error', 'it broke'), failed: says('it broke') },
  '529': { handler: status(529, 'overloaded_error', 'Overloaded'), failed: says('Overloaded') },
  '307': { handler: () => (res) => void res.writeHead(307, { location: 'http://127.0.0.1:1/elsewhere' }).end(), failed: says('307') },
  'html-error': {
    handler: () => (res) => void res.writeHead(502, { 'content-type': 'text/html' }).end('<html>bad gateway</html>'),
    failed: says('bad gateway'),
  },
  html: {
    handler: () => (res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>'),
    failed: says('sign in'),
  },
  'no-json': {
    handler: stream((wire, write, end) => {
      const bad = wire.name === 'ollama' ? 'Internal error at line 7\n' : 'event: content_block_delta\ndata: Internal error at line 7\n\n';
      write(begun(wire) + bad + wire.end({ why: 'done', told: null, model: MODEL }));
      end();
    }),
    more: PATIENT,
  },
  'too-long': {
    handler: flood(
      (wire) => wire.begin(MODEL),
      (wire) => wire.token('x'.repeat(1_000_000), MODEL),
    ),
    more: PATIENT,
  },
  'one-line': {
    handler: flood(
      (wire) => (wire.name === 'ollama' ? '' : 'data: '),
      () => 'x'.repeat(1_000_000),
    ),
    more: PATIENT,
  },
  'half-character': {
    handler: stream((wire, write, end) => {
      const bytes = new TextEncoder().encode(wholeReply(wire, { text: REPLY }));
      let at = 0;
      const next = () => {
        if (at >= bytes.length) return end();
        write(bytes.subarray(at, at + 61));
        at += 61;
        setImmediate(next);
      };
      next();
    }),
    answered: ({ text, tokensIn, tokensOut }) => expect([text, tokensIn, tokensOut]).toEqual([REPLY, 11, 5]),
  },
  length: { handler: (wire) => answering(wire, { text: '{"a"', why: 'length' }), failed: costsWhatWasCounted },
  declined: { handler: (wire) => answering(wire, { text: '', why: 'declined' }), failed: costsWhatWasCounted },
  empty: { handler: (wire) => answering(wire, { text: '' }), answered: ({ text }) => expect(text).toBe('') },
  'other-model': {
    handler: (wire) => answering(wire, { text: REPLY, model: 'other-model-20260101' }),
    answered: ({ servedBy, costUsd }, wire) => {
      expect(servedBy).toBe(`${wire.name}/other-model-20260101`);
      expect(costUsd).toBe(wire.name === 'ollama' ? 0 : (11 * 30 + 5 * 150) / 1e6);
    },
  },
  'no-usage': {
    handler: (wire) => answering(wire, { text: REPLY, told: null }),
    answered: (completion, wire) => expect(completion).toMatchObject({ ...unknown, costUsd: wire.name === 'ollama' ? 0 : null }),
  },
  'bad-usage': {
    handler: (wire) => answering(wire, { text: REPLY, told: { in: -5, out: 1e30 } }),
    answered: (completion, wire) => expect(completion).toMatchObject({ ...unknown, costUsd: wire.name === 'ollama' ? 0 : null }),
  },
  aborted: { handler: () => () => undefined, abort: true, more: { deadlineMs: 60_000 } },
};

/** The reply in the form that this question asked for it. */
function answeringAsAsked(wire: Wire): Handler {
  return (res, { body }) => {
    if (!('tools' in body)) return void answering(wire, { text: REPLY })(res, { body, headers: {} });
    const input = JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: REPLY } });
    const whole =
      wire.begin(MODEL) +
      `event: content_block_delta\ndata: ${input}\n\n` +
      wire.end({ why: 'done', told: { in: 1, out: 1 }, model: MODEL });
    res.writeHead(200, { 'content-type': wire.contentType }).end(whole);
  };
}

async function comesTo(wire: Wire, id: ProviderFaultId): Promise<string> {
  const { handler, host = (given) => given, more = {}, abort, gone, failed, answered } = PLAYS[id];
  const server = await running(wire, handler?.(wire) ?? (() => undefined));
  if (gone) server.close();
  const stop = new AbortController();
  const reason = new Error('the run is cancelled');
  if (abort) setTimeout(() => stop.abort(reason), 30);
  try {
    const completion = await wire.provider(host(server.host)).complete({ ...question, ...more }, stop.signal);
    answered?.(completion, wire, server);
    return 'answers';
  } catch (error) {
    if (error === reason) return 'aborted';
    if (!(error instanceof Failure)) throw error;
    failed?.(error, wire);
    expect(error.detail.length, 'a failure says what was tried').toBeGreaterThan(10);
    return error.code;
  } finally {
    server.close();
  }
}

describe.each([ollamaWire, anthropicWire, openaiWire])('$name', (wire) => {
  const faults = PROVIDER_FAULTS.filter((one: ProviderFault) => one.comesTo[wire.name] !== null);

  test.concurrent.each(faults)('$fault: $id', async ({ id, comesTo: due }) => {
    const began = Date.now();
    expect(await comesTo(wire, id)).toBe(due[wire.name]);
    expect(Date.now() - began, 'found at once, or by its deadline').toBeLessThan(8_000);
  });
});
