import { describe, expect, test } from 'vitest';
import { codeOfStatus, retryAfterMs, serverWords, wasNeverAsked, wordsOfError } from '../../../orchestrator/domain/server-said.ts';

describe('a server that says no', () => {
  test.each([
    [400, 'temperature is not supported', null, 'model_request_invalid'],
    [400, "This model's maximum context length is 8192 tokens", 'context_length_exceeded', 'model_too_small'],
    [400, 'the request exceeds the available context size, try increasing it', 'exceed_context_size_error', 'model_too_small'],
    [400, 'Your credit balance is too low to access the API', null, 'model_forbidden'],
    [401, '', null, 'model_forbidden'],
    [402, '', 'billing_error', 'model_forbidden'],
    [404, 'The model `x` does not exist', null, 'model_missing'],
    [404, 'Not Found', null, 'model_unavailable'],
    [413, '', 'request_too_large', 'model_too_small'],
    [422, 'extra fields', null, 'model_request_invalid'],
    [429, 'slow down', 'rate_limit_error', 'model_unavailable'],
    [429, 'You exceeded your current quota', 'insufficient_quota', 'model_forbidden'],
    [503, '', null, 'model_unavailable'],
    [529, '', 'overloaded_error', 'model_unavailable'],
  ])('with %i %j (%s) is %s', (status, words, kind, code) => {
    expect(codeOfStatus({ status, words, kind })).toBe(code);
  });

  test.each([
    ['7', 7_000],
    ['0.5', 500],
    [' 3 ', 3_000],
    ['Wed, 21 Oct 2015 07:28:10 GMT', 10_000],
    ['Wed, 21 Oct 2015 07:27:00 GMT', 0],
    ['99999999999', 86_400_000],
    ['', null],
    ['-1', null],
    ['soon', null],
    [null, null],
    [undefined, null],
  ])('and Retry-After %j asks for %s ms', (header, ms) => {
    expect(retryAfterMs(header, Date.parse('Wed, 21 Oct 2015 07:28:00 GMT'))).toBe(ms);
  });

  test('is repeated on one line, without the key and what moves the cursor', () => {
    expect(serverWords('bad key sk-1234\n\u001b[2Jfor you', 'sk-1234')).toBe('bad key [key] \\x1b[2Jfor you');
    expect(serverWords('x'.repeat(9_000), null).length).toBeLessThanOrEqual(500);
    expect(serverWords('  ', '')).toBe('(no words)');
  });
});

describe('a server that cannot be reached', () => {
  const failed = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error('connect'), { code }) });

  test('is told with what the system says', () => {
    expect(wordsOfError(failed('ECONNREFUSED'))).toContain('ECONNREFUSED');
    expect(wordsOfError('odd')).toBe('odd');
  });

  test.each([
    ['ECONNREFUSED', true],
    ['ENOTFOUND', true],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', true],
    ['UND_ERR_CONNECT_TIMEOUT', true],
    ['ECONNRESET', false],
    ['UND_ERR_SOCKET', false],
  ])('was never asked after %s: %s', (code, never) => {
    expect(wasNeverAsked(failed(code))).toBe(never);
  });
});
