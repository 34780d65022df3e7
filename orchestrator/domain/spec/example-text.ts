import type { Json } from '../json.ts';
import type { Example, HttpExample, HttpStep } from '../spec.ts';
import { rowsOf } from './problems.ts';

/** An example as short lines for people: act, expectation, rows. Every value is JSON, so that nothing of the example is lost. */
export function exampleLines(example: Example): string[] {
  if (example.type === 'prose') return example.text.split('\n');
  const table = 'table' in example && example.table !== undefined ? tableLines(example.table) : [];
  if (example.type === 'http')
    return [...stepLines('given', example.given ?? []), ...requestLines('when', example.when), ...answerLines(example.then), ...table];
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
export function stepLines(word: string, steps: readonly HttpStep[]): string[] {
  return steps.flatMap((step) => [
    ...requestLines(word, step),
    ...Object.entries(step.save ?? {}).map(([name, path]) => `  save ${name} = ${path}`),
  ]);
}

function requestLines(word: string, { method, path, query, headers, headers_from, json }: HttpExample['when']): string[] {
  return [
    `${word} ${method} ${path}`,
    ...(query === undefined ? [] : [`  query ${show(query)}`]),
    ...(headers_from === undefined ? [] : [`  headers from ${headers_from}`]),
    ...(headers === undefined ? [] : [`  headers ${show(headers)}`]),
    ...(json === undefined ? [] : [`  json ${show(json)}`]),
  ];
}

function answerLines({ status, json, headers, absent }: HttpExample['then']): string[] {
  return [
    `then ${status}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `  header ${name} = ${show(value)}`),
    ...Object.entries(json ?? {}).map(([path, value]) => `  ${path} = ${show(value)}`),
    ...(absent ?? []).map((path) => `  absent ${path}`),
  ];
}

function tableLines(table: Readonly<Record<string, readonly Json[]>>): string[] {
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
