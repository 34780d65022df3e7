import type { Json } from '../json.ts';
import type { Example, HttpExample, HttpStep } from '../spec.ts';
import { rowsOf } from './problems.ts';

/** How the free texts of an example are written. */
export interface ExampleStyle {
  /** A path, a path into an answer, a header's name. */
  readonly word: (text: string) => string;
  readonly value: (value: Json) => string;
}

/** To be read: words as they are. */
const READ: ExampleStyle = { word: (text) => text, value: show };

/** An example as short lines for people: act, expectation, rows. Every value is JSON, so that nothing of the example is lost. */
export function exampleLines(example: Example, style: ExampleStyle = READ): string[] {
  if (example.type === 'prose') return example.text.split('\n');
  const table = 'table' in example && example.table !== undefined ? tableLines(example.table, style) : [];
  const show = style.value;
  if (example.type === 'http')
    return [
      ...stepLines('given', example.given ?? [], style),
      ...requestLines('when', example.when, style),
      ...answerLines(example.then, style),
      ...table,
    ];
  if (example.type === 'call') {
    const args = [
      ...(example.args ?? []).map(show),
      ...Object.entries(example.kwargs ?? {}).map(([name, value]) => `${name}=${show(value)}`),
    ];
    const outcome = 'returns' in example.then ? `returns ${show(example.then.returns)}` : `raises ${example.then.raises}`;
    return [`call ${example.call}(${args.join(', ')})`, `then ${outcome}`, ...table];
  }
  const printed = (example.then.stdout_contains ?? []).map((text) => `  stdout contains ${show(text)}`);
  return [`run ${example.argv.map(show).join(' ')}`, `then exit ${example.then.exit}`, ...printed];
}

/** The same on one line. */
export function exampleText(example: Example): string {
  return exampleLines(example)
    .map((line) => line.trim())
    .join('; ');
}

/** Steps, each introduced by `word`. */
export function stepLines(word: string, steps: readonly HttpStep[], style: ExampleStyle = READ): string[] {
  return steps.flatMap((step) => [
    ...requestLines(word, step, style),
    ...Object.entries(step.save ?? {}).map(([name, path]) => `  save ${name} = ${style.word(path)}`),
  ]);
}

function requestLines(
  word: string,
  { method, path, query, headers, headers_from, json }: HttpExample['when'],
  { word: token, value: show }: ExampleStyle,
): string[] {
  return [
    `${word} ${method} ${token(path)}`,
    ...(query === undefined ? [] : [`  query ${show(query)}`]),
    ...(headers_from === undefined ? [] : [`  headers from ${headers_from}`]),
    ...(headers === undefined ? [] : [`  headers ${show(headers)}`]),
    ...(json === undefined ? [] : [`  json ${show(json)}`]),
  ];
}

function answerLines({ status, json, headers, absent }: HttpExample['then'], { word, value: show }: ExampleStyle): string[] {
  return [
    `then ${status}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `  header ${word(name)} = ${show(value)}`),
    ...Object.entries(json ?? {}).map(([path, value]) => `  ${word(path)} = ${show(value)}`),
    ...(absent ?? []).map((path) => `  absent ${word(path)}`),
  ];
}

function tableLines(table: Readonly<Record<string, readonly Json[]>>, { value: show }: ExampleStyle): string[] {
  const names = Object.keys(table);
  const rows = rowsOf(table).map((row) => `  row ${names.map((name) => show(row.get(name) ?? null)).join(', ')}`);
  return [`for ${names.map((name) => `$${name}`).join(', ')}`, ...rows];
}

/** JSON with a space after commas and colons, as people write it. */
function show(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${show(item)}`)
    .join(', ')}}`;
}
