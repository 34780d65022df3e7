import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderRecords } from '../../../orchestrator/adapters/records/folder/index.ts';
import { jsonlTrace } from '../../../orchestrator/adapters/trace/jsonl/index.ts';
import { type Console, redacted } from '../../../orchestrator/cli/console.ts';
import { addressesIn, hostRedactor } from '../../../orchestrator/cli/redactor.ts';
import { textFile } from '../../../orchestrator/domain/tree.ts';
import { logged } from '../../../orchestrator/pipeline/logged.ts';
import { assertNoSecret } from '../../../orchestrator/pipeline/secret-in-change.ts';

const SECRET = 'Pl4nted-s3cret/value+one';
const redactor = hostRedactor({ PLANTED_TOKEN: SECRET }, []);
const forms = [SECRET, Buffer.from(`xy${SECRET}`).toString('base64').slice(3, 34), Buffer.from(SECRET).toString('hex')];
const utf8 = (text: string) => new TextEncoder().encode(text);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'factory-sinks-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const written = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');

describe.each(forms)('a secret, %#', (form) => {
  it('reaches no record, however it is written', () => {
    const records = folderRecords({ path: folder, shownAs: folder, redactor });
    records.write('a.md', `x ${form} y`);
    records.write('b.bin', utf8(`x ${form} y`));
    records.writeJson('c.json', { reply: `x ${form} y`, [form]: 1 });
    records.append('d.log', utf8(`x ${form} y`));
    expect(written()).not.toContain(form);
    expect(written().match(/\[redacted:PLANTED_TOKEN\]/g)).toHaveLength(5);
    expect(() => JSON.parse(readFileSync(join(folder, 'c.json'), 'utf8'))).not.toThrow();
  });

  it('reaches no line of the trace, whose chain is that of what is written', () => {
    const trace = jsonlTrace({ path: join(folder, 't.jsonl'), run: 'r', redact: redactor.text });
    trace.write({ type: 'repair', stage: 'BUILD', attempt: 1, data: { problem: `x ${form} y` } });
    trace.close();
    expect(written()).not.toContain(form);
    expect(written()).toContain('[redacted:PLANTED_TOKEN]');
  });

  it('reaches neither stdout nor stderr', () => {
    let seen = '';
    const console = { err: (text: string) => (seen += text), out: (text: string) => (seen += text) } as unknown as Console;
    const shown = redacted(console, redactor);
    shown.err(`x ${form} y`);
    shown.out(JSON.stringify({ reason: form }));
    expect(seen).not.toContain(form);
  });

  it('reaches no log in pieces, while whoever reads the stream gets it whole', async () => {
    const chunks: Uint8Array[] = [];
    async function* printed() {
      for (const piece of `x ${form} y`.match(/.{1,5}/g) ?? []) yield utf8(piece);
    }
    let read = '';
    for await (const chunk of logged(printed(), redactor, (one) => void chunks.push(one))) read += new TextDecoder().decode(chunk);
    expect(read).toBe(`x ${form} y`);
    expect(Buffer.concat(chunks).toString('utf8')).toBe('x [redacted:PLANTED_TOKEN] y');
  });

  it('ends a run whose change holds it, in any patch, unless the base held it', () => {
    const base = new Map([['old.py', textFile(`a = "${form}"\n`)]]);
    const change = (path: string, text: string) => [{ path, before: base.get(path) ?? null, after: textFile(text) }];
    const refusal = expect.objectContaining({ code: 'secret_in_change', detail: expect.not.stringContaining(form) });
    const bad = change('app/a.py', `k = "${form}"\n`);
    expect(() => assertNoSecret('source', bad, base, redactor)).toThrow(refusal);
    expect(() => assertNoSecret('tests', { changes: bad }, base, redactor)).toThrow(refusal);
    expect(() => assertNoSecret('tested', { head: new Map([...base, ['a.md', textFile(form)]]) }, base, redactor)).toThrow(refusal);
    expect(() => assertNoSecret('source', change(`${form}.py`, ''), base, redactor)).toThrow(refusal);
    assertNoSecret('source', change('old.py', `a = "${form}"\nb = 1\n`), base, redactor);
    assertNoSecret('source', [{ path: 'old.py', before: base.get('old.py') ?? null, after: null }], base, redactor);
    assertNoSecret('brief', { conventions: [form] }, base, redactor);
  });
});

it('logins in addresses on the command line are secrets too', () => {
  const words = [
    'run',
    '--ollama-host',
    'http://me:pass-w0rd@models',
    '--docker-host=tcp://you:s3cr3t-too@engine',
    '--',
    'a: b@c is no login',
  ];
  expect(addressesIn(words)).toEqual(['http://me:pass-w0rd@models', '--docker-host=tcp://you:s3cr3t-too@engine']);
  const { text } = hostRedactor({}, addressesIn(words));
  expect(text('tried http://me:pass-w0rd@models and s3cr3t-too')).toBe('tried http://[redacted:address]models and [redacted:address]');
});
