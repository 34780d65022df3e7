import { XMLParser } from 'fast-xml-parser';
import type { TestReport, TestResult } from '../domain/report.ts';
import { recordOf } from './parse-json.ts';
import { shortened } from './words.ts';

const MAX_BYTES = 32_000_000;
const MAX_MESSAGE = 300;
const MAX_DETAIL = 3000;

export interface JunitReport {
  readonly tests: readonly TestResult[];
  readonly collectionErrors: TestReport['collectionErrors'];
}

/**
 * pytest's JUnit file (family xunit1) as test results with pytest's own node ids; null where it is none. No entity is ever expanded: a file
 * with a document type is refused. `files` are the test files that were run: they settle ids where a test's code stands in another file.
 */
export function parseJunit(xml: Uint8Array | string, files: readonly string[] = []): JunitReport | null {
  if (xml.length > MAX_BYTES) return null;
  const text = typeof xml === 'string' ? xml : new TextDecoder().decode(xml);
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return null;
  const cases = casesOf(text);
  if (cases === null) return null;
  const collected = cases.filter(({ classname }) => classname !== '');
  const uncollected = cases.filter(({ classname }) => classname === '');
  return {
    tests: merged([
      ...collected.map((item) => resultOf(idOf(item, files), item)),
      ...uncollected.filter((item) => item.errors.length === 0).map((item) => resultOf(fileOf(item), item)),
    ]),
    collectionErrors: uncollected
      .filter((item) => item.errors.length > 0)
      .map((item) => ({ file: fileOf(item), message: shortened(item.errors.map(({ text }) => text.trim()).join('\n'), MAX_DETAIL) })),
  };
}

interface Complaint {
  readonly message: string;
  readonly text: string;
}

interface Case {
  /** `tests.test_x.TestA`; empty where a file as a whole failed or was skipped. */
  readonly classname: string;
  readonly name: string;
  readonly file: string | null;
  readonly failures: readonly Complaint[];
  readonly errors: readonly Complaint[];
  readonly skips: readonly Complaint[];
}

const LISTS = new Set(['testsuite', 'testcase', 'failure', 'error', 'skipped']);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  alwaysCreateTextNode: true,
  maxNestedTags: 12,
  isArray: (name) => LISTS.has(name),
});

function casesOf(text: string): Case[] | null {
  try {
    const suites = recordOf(recordOf(parser.parse(text, true))?.testsuites)?.testsuite;
    if (!Array.isArray(suites)) return null;
    const cases = suites.flatMap((suite) => listOf(suite, 'testcase')).map(caseOf);
    return cases.every((item) => item !== null) ? cases : null;
  } catch {
    // The parser throws on malformed text; that is what null says.
    return null;
  }
}

function caseOf(node: unknown): Case | null {
  const name = attribute(node, 'name');
  if (name === null) return null;
  return {
    classname: attribute(node, 'classname') ?? '',
    name,
    file: attribute(node, 'file'),
    failures: listOf(node, 'failure').map(complaintOf),
    errors: listOf(node, 'error').map(complaintOf),
    skips: listOf(node, 'skipped').map(complaintOf),
  };
}

function complaintOf(node: unknown): Complaint {
  const text = recordOf(node)?.['#text'];
  return { message: attribute(node, 'message') ?? '', text: typeof text === 'string' ? unescaped(text) : '' };
}

function listOf(node: unknown, tag: string): unknown[] {
  const list = recordOf(node)?.[tag];
  return Array.isArray(list) ? list : [];
}

function attribute(node: unknown, name: string): string | null {
  const value = recordOf(node)?.[`@${name}`];
  return typeof value === 'string' ? unescaped(value) : null;
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The five named references of XML and numeric ones; nothing else exists without a document type. */
function unescaped(text: string): string {
  return text.replace(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (whole, name, decimal, hex) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number.parseInt(decimal, 10);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

/** `tests/test_x.py::TestA::test_y[param]`. The class name starts with the file's dotted path; which part of it that is, the files say. */
function idOf({ classname, name, file }: Case, files: readonly string[]): string {
  const homes = [...(file === null ? [] : [file]), ...files].filter((path) => `${classname}.`.startsWith(`${dotted(path)}.`));
  const home = homes.reduce((longest, path) => (path.length > longest.length ? path : longest), '');
  if (home === '') return [guessedFile(classname), ...guessedClasses(classname), name].join('::');
  const classes = classname.slice(dotted(home).length + 1);
  return [home, ...(classes === '' ? [] : classes.split('.')), name].join('::');
}

function fileOf({ name, file }: Case): string {
  return file ?? `${name.replaceAll('.', '/')}.py`;
}

function dotted(path: string): string {
  return path.replace(/\.py$/, '').replaceAll('/', '.');
}

/** Without any file to go by: parts from the first capitalised one on are classes, as Python's naming has it. */
function guessedFile(classname: string): string {
  const parts = classname.split('.');
  const classes = guessedClasses(classname).length;
  return `${parts.slice(0, parts.length - classes).join('/')}.py`;
}

function guessedClasses(classname: string): string[] {
  const parts = classname.split('.');
  const first = parts.findIndex((part, i) => i > 0 && /^[A-Z]/.test(part));
  return first < 0 ? [] : parts.slice(first);
}

function resultOf(id: string, { failures, errors, skips }: Case): TestResult {
  if (failures.length > 0) return { id, outcome: 'failed', ...wordsOf(failures) };
  if (errors.length > 0) return { id, outcome: 'error', ...wordsOf(errors) };
  if (skips.length > 0) return { id, outcome: 'skipped', ...wordsOf(skips) };
  return { id, outcome: 'passed', message: '', detail: '' };
}

function wordsOf(complaints: readonly Complaint[]): { message: string; detail: string } {
  const message = complaints[0]?.message.trim().split('\n')[0] ?? '';
  const detail = complaints.map(({ text }) => text.trim()).join('\n');
  return { message: message.slice(0, MAX_MESSAGE), detail: shortened(detail, MAX_DETAIL) };
}

const WORST = ['failed', 'error', 'skipped', 'passed'] as const;

/** One result an id: a test that fails and whose teardown fails too stands in the file twice. */
function merged(results: readonly TestResult[]): TestResult[] {
  const byId = new Map<string, TestResult>();
  for (const result of results) {
    const other = byId.get(result.id);
    if (other === undefined || WORST.indexOf(result.outcome) < WORST.indexOf(other.outcome)) byId.set(result.id, result);
  }
  return [...byId.values()];
}
