import { logicalLines } from '../python-lines.ts';
import { isDocstring } from './statements.ts';

/** A function or class at the top of a module, decorators apart. */
export interface Definition {
  readonly name: string;
  readonly line: number;
}

/** The public functions and classes at the top of a Python file. */
export function publicDefinitions(text: string): Definition[] {
  return logicalLines(text).flatMap(({ indent, code, from }) => {
    const name = indent === 0 ? /^(?:(?:async\s+)?def|class)\s+([^\W\d]\w*)/u.exec(code)?.[1] : undefined;
    return name === undefined || name.startsWith('_') ? [] : [{ name, line: from }];
  });
}

/** Every line (from 1) of a Python file whose code or strings name something, by word; docstrings and what `__all__` lists are no use of it. */
export function linesNaming(text: string, name: string): number[] {
  const word = new RegExp(`(?<![\\w])${name}(?![\\w])`, 'u');
  return logicalLines(text)
    .filter((line) => !isDocstring(line) && !line.code.startsWith('__all__'))
    .filter(({ code, strings }) => word.test(code) || strings.some((string) => word.test(string)))
    .map(({ from }) => from);
}
