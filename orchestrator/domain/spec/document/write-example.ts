/** Examples and steps in fenced blocks: the short lines that people read elsewhere, and JSON for the few that these cannot say. */
import type { Json } from '../../json.ts';
import type { Example, HttpExample, HttpStep } from '../../spec.ts';
import { type ExampleStyle, exampleLines, stepLines } from '../example-text.ts';
import { writeJson } from './text.ts';
import { writeWord } from './word.ts';

const STYLE: ExampleStyle = { word: writeWord, value: (value) => writeJson(value) };

/** The lines of an example that is no prose. */
export function writeExample(example: Example): string[] {
  return hasShortForm(example) ? exampleLines(example, STYLE) : [writeJson(example as Json, '')];
}

/** The lines of the background's steps. */
export function writeSteps(steps: readonly HttpStep[]): string[] {
  return steps.every(isSayable) ? stepLines('given', steps, STYLE) : [writeJson(steps as unknown as Json, '')];
}

/** Whether the short lines say everything: what is there and empty, or a table of uneven columns, they would lose. */
function hasShortForm(example: Example): boolean {
  if (example.type === 'http') return isSayableHttp(example) && isEven(example.table);
  if (example.type === 'call') return !isEmpty(example.args) && !isEmpty(example.kwargs) && isEven(example.table);
  return example.type === 'cli' && !isEmpty(example.then.stdout_contains);
}

function isSayableHttp({ given, then }: HttpExample): boolean {
  return !isEmpty(given) && (given ?? []).every(isSayable) && ![then.json, then.headers, then.absent].some(isEmpty);
}

function isSayable({ save }: HttpStep): boolean {
  return !isEmpty(save);
}

function isEven(table: Readonly<Record<string, readonly Json[]>> | undefined): boolean {
  if (table === undefined) return true;
  return new Set(Object.values(table).map(({ length }) => length)).size === 1;
}

function isEmpty(part: object | undefined): boolean {
  return part !== undefined && Object.keys(part).length === 0;
}
