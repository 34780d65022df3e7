import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { schemaCommand } from '../../../orchestrator/cli/commands/schema.ts';
import { specCommand } from '../../../orchestrator/cli/commands/spec.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import { compileExamples } from '../../../orchestrator/domain/spec/compile.ts';
import { parseSpecDocument, renderSpecDocument } from '../../../orchestrator/domain/spec/document.ts';
import { type Spec, specSchema } from '../../../orchestrator/domain/spec.ts';
import { card, layout, request, specOf, specWith } from '../spec/samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'spec-commands-'));
const cardFile = join(folder, 'card.json');
writeFileSync(cardFile, JSON.stringify(card));
const fileOf = (spec: Spec, words: string | null = request) => {
  const path = join(folder, 'spec.json');
  writeFileSync(path, JSON.stringify({ ...spec, request: words }));
  return path;
};

/** The commands on an outside of their own: what came out, what was told, how it ended. */
async function factory(...argv: string[]) {
  const said = { out: '', err: '' };
  const ending = { code: 0, json: false };
  const console = {
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
    env: {},
    tty: false,
    colour: false,
    columns: 120,
    program: '',
  } as unknown as Parameters<typeof specCommand>[1];
  const program = new Command('factory').exitOverride().configureOutput({ writeErr: console.err });
  for (const add of [schemaCommand, specCommand]) add(program, console, ending);
  const failed = await program.parseAsync(argv, { from: 'user' }).then(
    () => null,
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  );
  return { ...said, ...ending, failed };
}

describe('factory spec', () => {
  it('lint is silent on stdout and ends well where nothing is found', async () => {
    expect(await factory('spec', 'lint', fileOf(specWith()), '--card', cardFile)).toMatchObject({
      out: '',
      err: 'no finding\n',
      code: 0,
      failed: null,
    });
  });

  it('lint prints place, sentence and what to write instead, and ends with 2', async () => {
    const spec = specWith({ touchpoints: ['/etc/passwd', '.github/x.yml'] });
    const { out, err, code } = await factory('spec', 'lint', fileOf(spec), '--card', cardFile);
    expect(out).toMatch(
      /^touchpoints\[0\]: touchpoint_outside_target: .*\n {2}instead: .*\ntouchpoints\[1\]: touchpoint_protected: .*\n {2}instead: .*\n$/,
    );
    expect({ err, code }).toEqual({ err: '2 findings\n', code: 2 });
  });

  it('lint --json prints one object', async () => {
    const { out, code } = await factory('spec', 'lint', fileOf(specWith({ touchpoints: ['/x'] })), '--card', cardFile, '--json');
    expect(JSON.parse(out)).toEqual({
      findings: [{ code: 'touchpoint_outside_target', where: 'touchpoints[0]', message: expect.any(String), instead: expect.any(String) }],
      exit_code: 2,
    });
    expect(code).toBe(2);
  });

  it('lint needs the request, compile and render do not', async () => {
    const file = fileOf(specWith(), null);
    expect(await factory('spec', 'lint', file, '--card', cardFile)).toMatchObject({ failed: 'spec_invalid' });
    expect(await factory('spec', 'compile', file, '--card', cardFile)).toMatchObject({ failed: null });
    expect(await factory('spec', 'render', file)).toMatchObject({ failed: null });
  });

  it('compile prints the file that a run would have, and tells what stayed prose and why', async () => {
    const spec = specOf([
      { type: 'http', when: { method: 'GET', path: '/products' }, then: { status: 200 } },
      { type: 'http', when: { method: 'GET', path: '/products/$id' }, then: { status: 404 } },
      { type: 'prose', text: 'Look at it.' },
    ]);
    const { out, err, code } = await factory('spec', 'compile', fileOf(spec), '--card', cardFile);
    expect(out).toBe(compileExamples(spec, { card, layout }).content);
    expect(err).toContain('tests/test_spec_sort_products.py: 1 of 3 examples compiled\n');
    expect(err).toMatch(/prose C1\.examples\[1\]: .*not compiled: .*nothing defines `\$id`/);
    expect(err).toContain('prose C1.examples[2]: Look at it.\n');
    expect(code).toBe(0);
  });

  it('render prints the markdown form, which reads back', async () => {
    const { out } = await factory('spec', 'render', fileOf(specWith()));
    expect(out).toBe(renderSpecDocument(request, specWith()));
    expect(parseSpecDocument(out)).toEqual({ request, spec: specWith() });
  });

  it.each(['none.json', 'spec.json'])('says that %s is no target card', async (name) => {
    const file = fileOf(specWith());
    expect(await factory('spec', 'lint', file, '--card', join(folder, name))).toMatchObject({ failed: 'usage' });
  });
});

describe('factory schema', () => {
  it('spec prints a schema that names every key of the Spec', async () => {
    const schema = JSON.parse((await factory('schema', 'spec')).out);
    expect(Object.keys(schema.properties)).toEqual(Object.keys(specSchema.shape));
    expect(schema.additionalProperties).toBe(false);
  });

  it.each(['plan', 'scout', 'build', 'test', 'review'])('%s prints what the model of the stage is held to', async (name) => {
    expect(JSON.parse((await factory('schema', name)).out)).toMatchObject({});
  });

  it('names the schemas where another is asked for', async () => {
    const { err, failed } = await factory('schema', 'verdict');
    expect(failed).not.toBeNull();
    expect(err).toContain('There are spec, plan, scout, build, test, review.');
  });
});
