/** Reads what `writeExample` and `writeSteps` write, and what people write so. What comes out is held to the schema by the caller. */
import type { Json } from '../../json.ts';
import { type Cursor, openCursor } from './cursor.ts';
import { readWord } from './word.ts';

/** An example; `line` is the number of the text's first line. Throws `spec_invalid`. */
export function readExample(text: string, line: number): unknown {
  const cursor = openCursor(text, line);
  const reader = READERS.get(cursor.peek(WORD) ?? '');
  if (reader !== undefined) return atEnd(cursor, reader(cursor));
  if (cursor.peek(/\{/y) !== null) return atEnd(cursor, cursor.json());
  throw cursor.fail('an example that begins with `given`, `when`, `call` or `run`, or one JSON object');
}

/** The steps of the background: `given …`, or a JSON list. */
export function readSteps(text: string, line: number): unknown {
  const cursor = openCursor(text, line);
  return atEnd(cursor, cursor.peek(/\[/y) !== null ? cursor.json() : readGiven(cursor));
}

const READERS: ReadonlyMap<string, (cursor: Cursor) => unknown> = new Map([
  ['given', readHttp],
  ['when', readHttp],
  ['call', readCall],
  ['run', readCli],
]);

const WORD = /[A-Za-z]+(?!\w)/y;
const NAME = /[A-Za-z_]\w*/y;

function readHttp(cursor: Cursor): unknown {
  const given = cursor.peek(WORD) === 'given' ? { given: readGiven(cursor) } : {};
  keyword(cursor, 'when');
  const when = readRequest(cursor, false);
  keyword(cursor, 'then');
  const then = readAnswer(cursor);
  return { type: 'http', ...given, when, then, ...readTable(cursor) };
}

function readGiven(cursor: Cursor): unknown[] {
  const steps: unknown[] = [];
  while (cursor.peek(WORD) === 'given') {
    keyword(cursor, 'given');
    steps.push(readRequest(cursor, true));
  }
  if (steps.length === 0) throw cursor.fail('a step: `given POST /path`');
  return steps;
}

/** Method, path, and the lines below them. */
function readRequest(cursor: Cursor, isStep: boolean): unknown {
  const parts: [string, unknown][] = [
    ['method', cursor.need(/[A-Z]+/y, 'a method: GET, POST, PUT, PATCH or DELETE')],
    ['path', readWord(cursor, 'a path that begins with `/`')],
  ];
  const saved: [string, unknown][] = [];
  for (;;) {
    const word = cursor.peek(WORD);
    if (word === 'query' || word === 'json' || word === 'headers') {
      keyword(cursor, word);
      const isFixture = word === 'headers' && cursor.take(/from(?!\w)/y) !== null;
      const value = isFixture ? cursor.need(NAME, 'the name of a fixture') : cursor.json();
      parts.push([isFixture ? 'headers_from' : word, value]);
    } else if (word === 'save' && isStep) {
      keyword(cursor, word);
      const name = cursor.need(NAME, 'a name to save under');
      equals(cursor);
      saved.push([name, readWord(cursor, 'a path into the answer, such as `$.id`')]);
    } else break;
  }
  return { ...once(cursor, parts), ...(saved.length === 0 ? {} : { save: once(cursor, saved) }) };
}

function readAnswer(cursor: Cursor): unknown {
  const column = cursor.take(/\$[A-Za-z_]\w*(?![\w.[])/y);
  const status = column ?? Number(cursor.need(/\d{3}(?!\w)/y, 'a status of three digits, or `$name` of a column'));
  const headers: [string, unknown][] = [];
  const values: [string, unknown][] = [];
  const absent: string[] = [];
  for (;;) {
    if (cursor.peek(/[$"]/y) !== null) {
      const path = readWord(cursor, 'a path into the answer');
      equals(cursor);
      values.push([path, cursor.json()]);
    } else if (cursor.peek(WORD) === 'header') {
      keyword(cursor, 'header');
      const name = readWord(cursor, 'the name of a header');
      equals(cursor);
      headers.push([name, cursor.json()]);
    } else if (cursor.peek(WORD) === 'absent') {
      keyword(cursor, 'absent');
      absent.push(readWord(cursor, 'a path into the answer'));
    } else break;
  }
  return {
    status,
    ...(values.length === 0 ? {} : { json: once(cursor, values) }),
    ...(headers.length === 0 ? {} : { headers: once(cursor, headers) }),
    ...(absent.length === 0 ? {} : { absent }),
  };
}

function readCall(cursor: Cursor): unknown {
  keyword(cursor, 'call');
  const call = cursor.need(/[A-Za-z_][\w.:]*/y, 'a dotted name, such as `package.module:function`');
  cursor.need(/\(/y, '`(` and the arguments');
  const args: Json[] = [];
  const named: [string, unknown][] = [];
  while (cursor.take(/\)/y) === null) {
    if (args.length + named.length > 0) cursor.need(/,/y, '`,` or `)`');
    const name = cursor.take(/[A-Za-z_]\w*(?=\s*=)/y);
    if (name !== null) equals(cursor);
    if (name === null) args.push(cursor.json());
    else named.push([name, cursor.json()]);
  }
  keyword(cursor, 'then');
  const outcome = cursor.need(/(returns|raises)(?!\w)/y, '`returns` or `raises`');
  const then =
    outcome === 'returns' ? { returns: cursor.json() } : { raises: cursor.need(/[A-Za-z_][\w.:]*/y, 'the name of an exception') };
  return {
    type: 'call',
    call,
    ...(args.length === 0 ? {} : { args }),
    ...(named.length === 0 ? {} : { kwargs: once(cursor, named) }),
    then,
    ...readTable(cursor),
  };
}

/** Arguments are JSON strings, or bare words up to the end of the line. */
function readCli(cursor: Cursor): unknown {
  keyword(cursor, 'run');
  const argv: unknown[] = [];
  while (!cursor.isAtLineEnd()) argv.push(cursor.peek(/"/y) === null ? cursor.need(/[^\s"]+/y, 'an argument') : cursor.json());
  keyword(cursor, 'then');
  keyword(cursor, 'exit');
  const exit = Number(cursor.need(/\d{1,3}(?!\w)/y, 'an exit code'));
  const printed: Json[] = [];
  while (cursor.take(/stdout[ \t]+contains(?!\w)/y) !== null) printed.push(cursor.json());
  return { type: 'cli', argv, then: { exit, ...(printed.length === 0 ? {} : { stdout_contains: printed }) } };
}

/** `for $a, $b` and its rows; nothing where no table stands. */
function readTable(cursor: Cursor): { table?: unknown } {
  if (cursor.take(/for(?!\w)/y) === null) return {};
  const names: string[] = [];
  do names.push(cursor.need(/\$[A-Za-z_]\w*/y, 'a column, such as `$sort`').slice(1));
  while (cursor.take(/,/y) !== null);
  const columns = names.map((name): [string, Json[]] => [name, []]);
  while (cursor.take(/row(?!\w)/y) !== null) {
    for (const [at, [, values]] of columns.entries()) {
      if (at > 0) cursor.need(/,/y, `a value for each of the ${columns.length} columns, with \`,\` between them`);
      values.push(cursor.json());
    }
  }
  return { table: once(cursor, columns) };
}

function keyword(cursor: Cursor, word: string): void {
  cursor.need(new RegExp(`${word}(?!\\w)`, 'y'), `\`${word}\``);
}

function equals(cursor: Cursor): void {
  cursor.need(/=/y, '`=`');
}

/** An object of what must be said once. */
function once(cursor: Cursor, entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const names = entries.map(([name]) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw cursor.fail(`\`${twice.slice(0, 60)}\` once`);
  return Object.fromEntries(entries);
}

function atEnd<T>(cursor: Cursor, value: T): T {
  if (!cursor.isAtEnd()) throw cursor.fail('the end of the example, or a line that belongs to it');
  return value;
}
