import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { terminalProgress } from '../../../orchestrator/adapters/progress/terminal/index.ts';
import { PROBES, warn } from '../../../orchestrator/cli/doctor/finding.ts';
import { renderReport } from '../../../orchestrator/cli/doctor/render.ts';
import { printFailure } from '../../../orchestrator/cli/print.ts';
import { commitMessage } from '../../../orchestrator/domain/commit-message.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import { renderPr } from '../../../orchestrator/domain/pr.ts';
import { jsonLine } from '../../../orchestrator/domain/untrusted.ts';
import { unproven } from '../../../orchestrator/pipeline/unproven.ts';
import type { Repository } from '../../../orchestrator/ports/repository.ts';
import { PR } from './sample.ts';

/** What somebody may write who wants more than to be read. */
const HOSTILE = [
  '\u001b[31mred\u001b[2J',
  '\u001b]0;title\u0007',
  '\u001b]8;;https://e.vil\u001b\\link',
  '\u009b2J',
  'ok\rno\b\b',
  '\0\u007f',
  '\u202egnp.exe\u2066\u200f\ufeff',
  'Fixes #1, closes GH-2, owner/repo#3, !4',
  '@octocat @org/team',
  '![x](https://e.vil/p.png) www.e.vil',
  '<img src=x onerror=y><!-- hidden -->',
  '\n</details>\n\n# Approved\n',
  '\n```\n# out of the fence\n~~~\n',
  '\n/close\n/lgtm\n',
  '\n| a | b |\n|---|---|\n',
  '\n\n \u2028# split\u2029\n',
  '\n---\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+evil\n',
  '\nSigned-off-by: somebody\nFactory-Run: forged\n',
  '`tick` ``two``',
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 8 })), { minLength: 1, maxLength: 4 })
  .map((all) => all.join(' '));

/** Nothing is drawn that was not written down: line breaks are the edge's own, and the gap is what parts `@` from a name. */
const UNSEEN = /(?!\n|\u200b|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const ACTIVE = /@[\p{L}\p{N}_-]|(gh-|#|!)[0-9]|:\/\/|\bwww\./iu;

/** Every text of a value, but those that the program itself chooses among. */
function withText<T>(value: T, text: string, chosen: readonly string[]): T {
  const visit = (one: unknown, key: string): unknown => {
    if (typeof one === 'string') return chosen.includes(key) ? one : text;
    if (Array.isArray(one)) return one.map((item) => visit(item, key));
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([name, item]) => [name, visit(item, name)]));
  };
  return visit(value, '') as T;
}

/** Markdown outside of code. */
function prose(markdown: string): string {
  return markdown.replace(/^(`{3,})[^`\n]*\n[\s\S]*?\n\1$/gm, '').replace(/(?<![`\\])(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '');
}

function progressText(tty: boolean, text: string): string {
  let seen = '';
  const progress = terminalProgress({ write: (more) => (seen += more), tty, colour: tty, columns: 100 });
  progress.header([text]);
  progress.begin('BUILD', text);
  progress.note(text);
  progress.end({ stage: 'BUILD', ok: false, ms: 1, tokensIn: 1, tokensOut: 1, costUsd: 0, asked: true, text });
  progress.close();
  // The program's own: colours, and the line that moves.
  return ['\u001b[2m', '\u001b[31m', '\u001b[32m', '\u001b[0m', '\r\u001b[2K'].reduce((rest, own) => rest.replaceAll(own, ''), seen);
}

function failureText(text: string): string {
  let seen = '';
  printFailure(new Failure('bug', text), (more) => (seen += more));
  return seen;
}

async function patchHead(text: string): Promise<string> {
  const repository = { patch: async () => 'PATCH' } as unknown as Repository;
  const fact = { name: 'coverage', holds: true, evidence: text } as const;
  const order = { run: 'r-1', ground: { base: { commit: 'c' }, tree: new Map() } } as unknown as Parameters<typeof unproven>[1];
  const made = { source: [], validated: [fact] };
  const patch = await unproven(repository, order, made as never, new Failure('bug', text));
  return (patch ?? '').split('\n\nPATCH')[0] ?? '';
}

/** Every place where text of others leaves the factory, and what must be true of it there. */
const EDGES: readonly {
  readonly edge: string;
  readonly shown: (text: string) => string | Promise<string>;
  readonly holds: (shown: string) => void;
}[] = [
  ...[true, false].map((tty) => ({
    edge: `progress on a ${tty ? 'terminal' : 'pipe'}`,
    shown: (text: string) => progressText(tty, text),
    holds: () => {},
  })),
  { edge: 'a failure on the terminal', shown: failureText, holds: () => {} },
  {
    edge: 'what doctor finds',
    shown: (text) =>
      renderReport({
        ready: { replay: true, request: true },
        findings: PROBES.map((probe) => ({ probe, ...warn(text, text) })),
        exit_code: 0,
      }),
    holds: (shown) => expect(shown.split('\n')).toHaveLength(2 * PROBES.length + 3),
  },
  {
    edge: 'an object for --json',
    shown: (text) => jsonLine({ reason: text }),
    holds: (shown) => expect(shown).not.toContain('\n'),
  },
  {
    edge: 'the text of a PR',
    shown: (text) =>
      renderPr(
        withText(PR, text, ['kind', 'section', 'verdict', 'onBase', 'onChange', 'replayed', 'id', 'run', 'commit', 'tree', 'branch']),
      ),
    holds: (shown) => {
      expect(shown).not.toMatch(ACTIVE);
      expect(prose(shown)).not.toMatch(/(?<!\\)<(?!br>|\/?details>|\/?summary>)/);
      expect(prose(shown).match(/<\/details>/g)?.length ?? 0).toBeLessThanOrEqual(prose(shown).match(/<details>/g)?.length ?? 0);
      expect(prose(shown)).not.toMatch(/^(\/close|\/lgtm|# Approved|# out|# split)/m);
    },
  },
  {
    edge: 'the message of a commit',
    shown: (text) =>
      commitMessage({
        run: 'r-1',
        title: text,
        section: 'Added',
        criteria: [{ id: 'C1', rule: text }],
        traceHead: 'f'.repeat(64),
        baseTree: 'd'.repeat(40),
      }),
    holds: (shown) => {
      expect(shown).not.toMatch(ACTIVE);
      // A trailer is a line: nobody else writes one, and nothing follows the factory's own.
      expect(shown.match(/^[A-Z][\w-]*: .*$/gm)).toEqual([
        expect.stringMatching(/^Factory-Run: r-1$/),
        expect.stringMatching(/^Factory-Trace: /),
        expect.stringMatching(/^Factory-Base-Tree: /),
      ]);
    },
  },
  {
    edge: 'the head of an UNPROVEN patch',
    shown: patchHead,
    holds: (shown) => {
      for (const line of shown.split('\n')) expect(line).toMatch(/^# /);
    },
  },
];

describe.each(EDGES)('text of others in $edge', ({ shown, holds }) => {
  it.each(HOSTILE)('does nothing: %j', async (text) => {
    const seen = await shown(`a ${text} b`);
    expect(seen).not.toMatch(UNSEEN);
    holds(seen);
  });

  it('does nothing, whatever it is made of', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const seen = await shown(text);
        expect(seen).not.toMatch(UNSEEN);
        holds(seen);
      }),
      { numRuns: 60 },
    );
  });
});

it('an object for --json keeps its value', () => {
  for (const text of [...HOSTILE, '\u{e0041}', '\ud800', '日本語 😀'])
    expect(JSON.parse(jsonLine({ [text]: [text] }))).toEqual(JSON.parse(JSON.stringify({ [text]: [text] })));
});

/**
 * The files that write to a terminal or a pipe. Whoever adds one says here what keeps text of others harmless in it, and adds its edge above
 * where it shows such text.
 */
const WRITERS: Readonly<Record<string, string>> = {
  'adapters/progress/terminal/index.ts': 'forTerminal and oneLine on every text (edge above)',
  'cli/console.ts': 'the sink itself: takes secrets out, and escapes a result on its way to a terminal',
  'cli/main.ts': 'jsonLine; failures through printFailure',
  'cli/print.ts': 'forTerminal on every line (edge above)',
  'cli/target-card.ts': 'forTerminal on a build’s lines',
  'cli/pull/bar.ts': 'oneLine on the name and the server’s words; figures',
  'cli/pull/pull-models.ts': 'oneLine on every text',
  'cli/commands/bench.ts': 'figures of this machine, and names of the factory’s own images',
  'cli/commands/clean.ts': 'a number',
  'cli/commands/demo.ts': 'oneLine on every text of a run (cli/demo/table.ts); forTerminal on notes',
  'cli/commands/docs.ts': 'paths of its own pages',
  'cli/commands/doctor.ts': 'jsonLine and renderReport (edges above)',
  'cli/commands/metrics.ts': 'paths of its own pages',
  'cli/commands/models.ts': 'jsonLine; oneLine on what a server said (cli/models-report.ts)',
  'cli/commands/run.ts': 'how to be rid of the model server: commands of its own',
  'cli/commands/runs.ts': 'jsonLine; forTerminal and oneLine on every text (tests/unit/runs/broken.test.ts)',
  'cli/commands/schema.ts': 'schemas of its own',
  'cli/commands/show-end.ts': 'jsonLine, forTerminal, printFailure; the name of a branch or a folder',
  'cli/commands/spec-measure.ts': 'forTerminal on the table',
  'cli/commands/trial.ts': 'jsonLine, figures and names of cases; forTerminal on notes',
  'cli/commands/verify.ts': 'jsonLine; oneLine on every finding (cli/verify/report.ts)',
  'cli/commands/spec.ts': 'jsonLine and forTerminal; a Spec or its tests as they are, escaped by the console on a terminal',
};

it('no file writes to a terminal that is not listed with what makes it safe', () => {
  const root = join(import.meta.dirname, '../../../orchestrator');
  const writes = /\b(?:console|screen)\.(?:err|out|write)\(|process\.std(?:out|err)\b|(?<!records\.)\bwrite\(`/;
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && writes.test(readFileSync(join(root, path), 'utf8')))
    .sort();
  expect(found).toEqual(Object.keys(WRITERS).sort());
});
