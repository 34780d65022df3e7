import { type Block, splitBlocks, wordsOf } from './blocks.ts';
import { invalidAt } from './invalid.ts';
import { readExample, readSteps } from './read-example.ts';
import { readCode, readQuote, readText } from './text.ts';

/** What a markdown document says, not yet held to the schema, and on which line each part of it stands. */
export interface MarkdownDraft {
  readonly request: string | null;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Path in the Spec, joined with `.` -> number of the line. */
  readonly lines: ReadonlyMap<string, number>;
}

/** Throws `spec_invalid` with the line and what was expected there. */
export function readMarkdown(text: string): MarkdownDraft {
  const blocks = splitBlocks(text);
  const lines = new Map<string, number>();
  const at = blocks.findIndex(({ kind, level }) => kind === 'heading' && level === 2);
  const opening = at === -1 ? blocks : blocks.slice(0, at);
  const parts = readOpening(opening, lines);
  const sections = groups(at === -1 ? [] : blocks.slice(at), 2);
  let request: string | null = null;
  const seen = new Set<string>();
  for (const { head, body } of sections) {
    const title = wordsOf(head);
    const section = SECTIONS.get(title.toLowerCase());
    if (section === undefined) throw invalidAt(head.line, `one of the headings ${TITLES}`, title);
    if (seen.has(title.toLowerCase())) throw invalidAt(head.line, `\`## ${title}\` once`);
    seen.add(title.toLowerCase());
    lines.set(section.key, head.line);
    const value = section.read(head, body, lines);
    if (section.key === 'request') request = value as string;
    else parts[section.key] = value;
  }
  for (const { key, title } of NEEDED) {
    if (!(key in parts)) throw invalidAt(text.split('\n').length, `a section \`## ${title}\` before the end`);
  }
  return { request, spec: parts, lines };
}

type Lines = Map<string, number>;

interface Section {
  readonly key: string;
  readonly read: (head: Block, body: readonly Block[], lines: Lines) => unknown;
}

const SECTIONS: ReadonlyMap<string, Section> = new Map(
  Object.entries<Section>({
    request: { key: 'request', read: (head, body) => readQuote(only(head, body, 'quote', 'the request, each line behind `>`').lines) },
    touches: itemsOf('touchpoints', readCode),
    interface: itemsOf('interface', readCode),
    constants: { key: 'constants', read: readConstants },
    background: { key: 'background', read: readBackground },
    'acceptance criteria': { key: 'acceptance_criteria', read: readCriteria },
    assumptions: itemsOf('assumptions', readAssumption),
    constraints: itemsOf('constraints', readText),
    'out of scope': itemsOf('out_of_scope', readText),
    dependencies: { key: 'dependencies', read: readDependencies },
    'superseded tests': itemsOf('supersedes', readSuperseded),
    'not covered': itemsOf('not_covered', readNotCovered),
    changelog: { key: 'changelog', read: readChangelog },
  }),
);

const TITLES =
  'Request, Touches, Interface, Constants, Background, Acceptance criteria, Assumptions, Constraints, Out of scope, Dependencies, Superseded tests, Not covered, Changelog';

const NEEDED = [
  { key: 'acceptance_criteria', title: 'Acceptance criteria' },
  { key: 'changelog', title: 'Changelog' },
];

/** Title, intent and format; the lists that have no section of their own are empty. */
function readOpening(blocks: readonly Block[], lines: Lines): Record<string, unknown> {
  const [title, intent, format, more] = blocks;
  if (title?.kind !== 'heading' || title.level !== 1) throw invalidAt(title?.line ?? 1, 'a title: `# …`', title && wordsOf(title));
  if (intent?.kind !== 'paragraph') throw invalidAt(intent?.line ?? title.line, 'the intent, a paragraph below the title');
  const version = format?.kind === 'paragraph' ? /^Spec format (\d{1,6})\.?$/.exec(wordsOf(format))?.[1] : undefined;
  if (format === undefined || version === undefined)
    throw invalidAt(format?.line ?? intent.line, 'a paragraph `Spec format 3.` below the intent', format && wordsOf(format));
  if (more !== undefined) throw invalidAt(more.line, `a heading \`## …\``, wordsOf(more));
  lines.set('title', title.line).set('intent', intent.line).set('version', format.line);
  return {
    version: Number(version),
    title: readText(wordsOf(title)),
    intent: readText(wordsOf(intent)),
    touchpoints: [],
    interface: [],
    background: [],
    constraints: [],
    out_of_scope: [],
    assumptions: [],
    supersedes: [],
    not_covered: [],
  };
}

/** A section that is a list. */
function itemsOf<T>(key: string, read: (text: string, line: number) => T): Section {
  return {
    key,
    read: (_, body, lines) =>
      body.map((block, at) => {
        if (block.kind !== 'item') throw invalidAt(block.line, 'an item: `- …`', wordsOf(block));
        lines.set(`${key}.${at}`, block.line);
        return read(wordsOf(block), block.line);
      }),
  };
}

function readBackground(head: Block, body: readonly Block[]): unknown {
  const block = only(head, body, 'fence', 'one block of steps between ``` and ```');
  return readSteps(block.lines.join('\n'), block.line);
}

function readCriteria(head: Block, body: readonly Block[], lines: Lines): unknown[] {
  const first = body[0];
  if (first?.kind !== 'heading' || first.level !== 3) throw invalidAt(first?.line ?? head.line, CRITERION_HEADING, first && wordsOf(first));
  return groups(body, 3).map(({ head: own, body: parts }, at) => readCriterion(own, parts, `acceptance_criteria.${at}`, lines));
}

const CRITERION_HEADING = 'a criterion: `### C1 (new)`, `(changed)` or `(preserved)`';

function readCriterion(head: Block, body: readonly Block[], path: string, lines: Lines): unknown {
  const [, id, kind] = /^(\S+)\s+\(([^()]*)\)$/.exec(wordsOf(head)) ?? [];
  if (id === undefined) throw invalidAt(head.line, CRITERION_HEADING, wordsOf(head));
  const [quote, ...rest] = body;
  if (quote?.kind !== 'quote')
    throw invalidAt(quote?.line ?? head.line, `the request’s words for ${id}, behind \`>\``, quote && wordsOf(quote));
  const parts: Record<string, unknown> = { id, kind, from: readQuote(quote.lines) };
  const examples: unknown[] = [];
  lines.set(path, head.line).set(`${path}.from`, quote.line);
  for (const block of rest) {
    if (block.kind === 'fence') {
      lines.set(`${path}.examples.${examples.length}`, block.line);
      examples.push(readExample(block.lines.join('\n'), block.line));
      continue;
    }
    const { key, text } = readField(block);
    if (key === 'examples') {
      lines.set(`${path}.examples.${examples.length}`, block.line);
      examples.push({ type: 'prose', text: readText(text) });
      continue;
    }
    if (key in parts) throw invalidAt(block.line, `\`${key}\` once in ${id}`, wordsOf(block));
    lines.set(`${path}.${key}`, block.line);
    parts[key] = key === 'refined_by' ? idsOf(text) : readText(text);
  }
  return { ...parts, examples };
}

const FIELDS: ReadonlyMap<string, string> = new Map([
  ['Rule', 'rule'],
  ['Was', 'was'],
  ['Refined by', 'refined_by'],
  ['Example in prose', 'examples'],
]);

function readField(block: Block): { key: string; text: string } {
  const words = wordsOf(block);
  const [whole = '', title = ''] = /^\*\*([A-Za-z ]{1,20}):?\*\*/.exec(words) ?? [];
  const key = block.kind === 'paragraph' ? FIELDS.get(title) : undefined;
  if (key === undefined)
    throw invalidAt(
      block.line,
      '`**Rule** …`, `**Was** …`, `**Refined by** A1`, `**Example in prose** …` or an example between ``` and ```',
      words,
    );
  return { key, text: words.slice(whole.length).replace(/^:/, '').trim() };
}

function idsOf(text: string): string[] {
  return text === 'nothing' ? [] : text.split(',').map((id) => id.trim());
}

function readAssumption(text: string, line: number): unknown {
  const [whole, bold, bare] = /^(?:\*\*(A\d+)\*\*\s|(A\d+):\s)/.exec(text) ?? [];
  if (whole === undefined) throw invalidAt(line, 'an assumption: `**A1** …`', text);
  return { id: bold ?? bare, text: readText(text.slice(whole.length)) };
}

function readConstants(head: Block, body: readonly Block[], lines: Lines): unknown {
  if (isNone(body)) return [];
  return itemsOf('constants', (text, line) => {
    const [whole, bold, bare] = /^(?:\*\*\$(\w+)\*\*|`?\$(\w+)`?)\s+is\s+/.exec(text) ?? [];
    if (whole === undefined) throw invalidAt(line, 'a constant: `- **$name** is `package.module:NAME``', text);
    return { name: bold ?? bare, of: readCode(text.slice(whole.length)) };
  }).read(head, body, lines);
}

/** Whether a list that may be left out is there and holds nothing. */
function isNone([first, ...more]: readonly Block[]): boolean {
  return more.length === 0 && first?.kind === 'paragraph' && wordsOf(first) === 'None.';
}

function readDependencies(head: Block, body: readonly Block[], lines: Lines): unknown {
  if (isNone(body)) return [];
  return itemsOf('dependencies', (text, line) => {
    const { value, rest } = leading(text, /^[^\s:`"]+(?=:)/);
    if (value === null || !rest.startsWith(':')) throw invalidAt(line, 'a package and why: `- `name`: reason`', text);
    return { name: value, reason: readText(rest.slice(1)) };
  }).read(head, body, lines);
}

function readSuperseded(text: string, line: number): unknown {
  const { value, rest } = leading(text, /^\S+(?= by )/);
  const by = /^\s+by (\S+)$/.exec(rest)?.[1];
  if (value === null || by === undefined) throw invalidAt(line, 'a test and its criterion: `- `tests/test_x.py::test_y` by C1`', text);
  return { test: value, by };
}

function readNotCovered(text: string, line: number): unknown {
  const { value, rest } = leading(text, /^“[^”]*”/);
  if (value === null || !rest.startsWith(':')) throw invalidAt(line, 'a sentence and the reason: `- "sentence": reason`', text);
  return { sentence: value.replace(/^“([^”]*)”$/, '$1'), reason: readText(rest.slice(1)) };
}

/** The text that an item begins with: in backticks, as a JSON string, or what `bare` takes. */
function leading(text: string, bare: RegExp): { value: string | null; rest: string } {
  const quoted = /^(?:`[^`]+`|"(?:[^"\\]|\\.)*")/.exec(text)?.[0];
  const taken = quoted ?? bare.exec(text)?.[0];
  if (taken === undefined) return { value: null, rest: text };
  return { value: quoted === undefined ? taken : readCode(taken), rest: text.slice(taken.length) };
}

function readChangelog(head: Block, body: readonly Block[]): unknown {
  const block = only(head, body, 'paragraph', 'one paragraph: `Added: …`');
  const words = wordsOf(block);
  const at = words.indexOf(':');
  if (at === -1) throw invalidAt(block.line, 'a section and a text: `Added: …`', words);
  return { section: words.slice(0, at), text: readText(words.slice(at + 1)) };
}

/** The one block of a section. */
function only(head: Block, body: readonly Block[], kind: Block['kind'], expected: string): Block {
  const [block, more] = body;
  if (block?.kind !== kind) throw invalidAt(block?.line ?? head.line, expected, block && wordsOf(block));
  if (more !== undefined) throw invalidAt(more.line, 'the next heading', wordsOf(more));
  return block;
}

/** Blocks by the headings of one level; the first block is such a heading. */
function groups(blocks: readonly Block[], level: number): { head: Block; body: Block[] }[] {
  const found: { head: Block; body: Block[] }[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading' && block.level === level) found.push({ head: block, body: [] });
    else found.at(-1)?.body.push(block);
  }
  return found;
}
