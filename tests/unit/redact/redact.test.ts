import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostSecrets, redactor } from '../../../orchestrator/domain/redact.ts';
import { forMarkdown, inlineCode } from '../../../orchestrator/domain/untrusted.ts';

const VALUE = 'sk-Zq9_x/7+Lw=="é&<@1';
const secret = { name: 'API_KEY', value: VALUE };
const { text, bytes, stream, find } = redactor([secret]);
const utf8 = (value: string) => new TextEncoder().encode(value);
const back = (content: Uint8Array) => Buffer.from(content).toString('utf8');

/** Every form that the catalogue names, by how it comes about. */
const FORMS: Readonly<Record<string, (value: string) => string>> = {
  raw: (value) => value,
  'base64 of it alone': (value) => Buffer.from(value).toString('base64'),
  'base64 of a longer text, begun anywhere (0)': (value) => Buffer.from(`abc${value}tail`).toString('base64'),
  'base64 of a longer text, begun anywhere (1)': (value) => Buffer.from(`abcd${value}tail`).toString('base64'),
  'base64 of a longer text, begun anywhere (2)': (value) => Buffer.from(`abcde${value}tail`).toString('base64'),
  'base64url (0)': (value) => Buffer.from(value).toString('base64url'),
  'base64url (1)': (value) => Buffer.from(`x${value}`).toString('base64url'),
  'base64url (2)': (value) => Buffer.from(`xy${value}`).toString('base64url'),
  hexadecimal: (value) => Buffer.from(value).toString('hex'),
  'hexadecimal in capitals': (value) => Buffer.from(value).toString('hex').toUpperCase(),
  'URL-encoded': encodeURIComponent,
  'URL-encoded in small letters': (value) => encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase()),
  'a form field': (value) => new URLSearchParams({ q: value }).toString(),
  JSON: (value) => JSON.stringify({ key: value }),
  'JSON in JSON': (value) => JSON.stringify(JSON.stringify({ key: value })),
  HTML: (value) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
  Markdown: (value) => forMarkdown(`see ${value} there`),
  'a code span': (value) => inlineCode(`see ${value} there`, 200),
};

describe.each(Object.entries(FORMS))('a secret as %s', (_, form) => {
  const carried = `before ${form(VALUE)} after`;

  it('is taken out of text, bytes and streams', () => {
    for (const out of [text(carried), back(bytes(utf8(carried)))]) {
      expect(out).toContain('[redacted:API_KEY]');
      expect(out).toMatch(/^before .*after$/);
    }
    expect(find(utf8(carried))).toBe('API_KEY');
  });

  it('leaves no twelve characters of itself', () => {
    const out = text(carried);
    const own = form(VALUE);
    for (let at = 0; at + 12 <= own.length; at += 1) {
      const piece = own.slice(at, at + 12);
      if (!form('').includes(piece) && !form('other-value-here!').includes(piece)) expect(out, piece).not.toContain(piece);
    }
  });

  it('is taken out of a stream wherever it is cut', () => {
    const content = utf8(carried);
    for (let cut = 0; cut <= content.length; cut += 1) {
      const log = stream();
      const out = [log.push(content.slice(0, cut)), log.push(content.slice(cut)), log.end()].map(back).join('');
      expect(out, `cut at ${cut}`).toBe(text(carried));
    }
  });
});

describe('the redactor', () => {
  it('takes out what was cut off behind its sixteenth character', () => {
    const long = redactor([{ name: 'T', value: 'ghp_0123456789abcdefghijklmnopqrstuvwxyz' }]);
    expect(long.text('x ghp_0123456789abcdefghi… y')).toBe('x [redacted:T]… y');
    expect(long.text('ghp_01234')).toBe('ghp_01234');
    expect(long.find(utf8('ghp_0123456789abcdefghi'))).toBeNull();
  });

  it('lets everything else through byte by byte, at once where nothing can be the beginning of a secret', () => {
    const content = new Uint8Array([0, 255, 128, 10, 237, 160, 128]);
    expect(bytes(content)).toBe(content);
    const log = stream();
    expect(log.push(content)).toEqual(content);
    expect(back(log.push(utf8('line\nsk-Z')))).toBe('line\n');
    expect(back(log.push(utf8('!')))).toBe('sk-Z!');
    expect(back(log.end())).toBe('');
  });

  it('without secrets does nothing', () => {
    const none = redactor([]);
    const content = utf8(VALUE);
    expect([none.text(VALUE), none.bytes(content), none.find(content)]).toEqual([VALUE, content, null]);
    expect(none.stream().push(content)).toBe(content);
  });

  it('tells two secrets apart, also where one lies in the other or they overlap', () => {
    const two = redactor([
      { name: 'A', value: 'abcdefgh12' },
      { name: 'B', value: 'gh12ijklmn' },
    ]);
    expect(two.text('abcdefgh12 gh12ijklmn')).toBe('[redacted:A] [redacted:B]');
    expect(two.text('xabcdefgh12ijklmny')).toBe('x[redacted:A]y');
    const log = two.stream();
    expect(['xabcdef', 'gh12', 'ijk', 'z'].map((chunk) => back(log.push(utf8(chunk)))).join('') + back(log.end())).not.toMatch(
      /abcdefgh12/,
    );
  });

  it('keeps a stream whole and clean however it is cut, whatever surrounds the secret', () => {
    const piece = fc.oneof(fc.constant(VALUE), fc.constant(VALUE.slice(0, 9)), fc.string({ maxLength: 12 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(400), { maxLength: 12 }), (parts, cuts) => {
        const content = utf8(parts.join(''));
        const places = [0, ...cuts.filter((cut) => cut < content.length).sort((a, b) => a - b), content.length];
        const log = stream();
        const out = places.slice(1).map((to, i) => log.push(content.slice(places[i], to)));
        const whole = Buffer.concat([...out, log.end()]).toString('utf8');
        return !whole.includes(VALUE) && whole === back(bytes(content));
      }),
    );
  });

  it('is cheap: a megabyte in a fraction of a second with ten secrets', () => {
    const many = redactor(Array.from({ length: 10 }, (_, i) => ({ name: `S${i}`, value: `secret-value-${i}-${'z'.repeat(30)}` })));
    const log = many.stream();
    const chunk = utf8('a line of an honest log, as long as they are\n'.repeat(1_000));
    const began = performance.now();
    for (let i = 0; i < 24; i += 1) log.push(chunk);
    for (let i = 0; i < 2_000; i += 1) log.push(chunk.subarray(0, 45));
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('the secrets of a host', () => {
  const names = (env: Record<string, string>) => hostSecrets(env).map(({ value }) => value);

  it.each([
    'ANTHROPIC_API_KEY',
    'OPENAI_API_KEY',
    'GH_TOKEN',
    'GITHUB_TOKEN',
    'my_service_token',
    'AWS_SECRET_ACCESS_KEY',
    'CLIENT_SECRET',
    'DB_PASSWORD',
    'PGPASSWORD',
    'KEY',
  ])('are in %s', (name) => {
    expect(names({ [name]: ' value-0123 \n' })).toEqual(['value-0123']);
  });

  it.each(['PATH', 'HOME', 'KEYBOARD', 'TOKENS_MAX', 'MONKEY', 'SSH_AUTH_SOCK'])('are not in %s', (name) => {
    expect(names({ [name]: 'value-0123' })).toEqual([]);
  });

  it('are not what is short or a place holder', () => {
    expect(names({ A_TOKEN: 'short', B_TOKEN: '', C_TOKEN: 'xxxxxxxxxxxx', D_TOKEN: '********' })).toEqual([]);
  });

  it('are logins inside of addresses, with and without a scheme, encoded or not', () => {
    expect(names({ OLLAMA_HOST: 'me:p%40ssword1@models:11434' })).toEqual([
      'me:p%40ssword1',
      'me:p%40ssword1@',
      'p%40ssword1',
      'p@ssword1',
    ]);
    expect(names({ DOCKER_HOST: 'tcp://u:pw@host:2376' })).toEqual([]);
    expect(names({ DOCKER_HOST: 'tcp://user:pw@host:2376' })).toEqual(['user:pw@']);
    expect(names({ GIT_URL: 'https://ghp_0123456789abcdef0123@forge/x' })).toEqual(['ghp_0123456789abcdef0123']);
    expect(names({ HTTPS_PROXY: 'http://user:longenough@proxy' })).toContain('user:longenough');
    expect(names({ OLLAMA_HOST: 'http://127.0.0.1:11434', DOCKER_HOST: 'unix:///var/run/docker.sock' })).toEqual([]);
  });

  it('are the lines of a key that has several', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nshort\n-----END PRIVATE KEY-----\n';
    expect(names({ SIGNING_KEY: pem })).toEqual([pem.trim(), 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC']);
  });
});
