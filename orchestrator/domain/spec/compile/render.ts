import { type Expression, layOut, WIDTH } from '../python/layout.ts';
import { docstringText } from '../python/literal.ts';
import { INDENT, type Parameter, type TestBody } from './function.ts';
import type { Scene } from './http.ts';

/** A test function with its name and what it stands for. */
export interface NamedTest {
  readonly name: string;
  readonly rule: string;
  readonly criteria: readonly string[];
  readonly body: TestBody;
}

/** The test file: docstring, imports, the background's function where there is one, the tests. */
export function renderFile(title: string, scene: Scene | null, tests: readonly NamedTest[]): string {
  const imports = new Set([...(scene?.imports ?? []), ...tests.flatMap(({ body }) => body.imports)]);
  const functions = [...(scene === null ? [] : [renderScene(scene)]), ...tests.map(renderTest)];
  return `${[`"""${fitted(`Examples of the Spec: ${title}`, 0)}"""`, renderImports(imports)].join('\n\n')}\n\n\n${functions.join('\n\n\n')}\n`;
}

const STANDARD = /^(import|from) (importlib|os|subprocess|sys|typing)\b/;

/** Standard library first, then the others; `import x` before `from x import y`, as import sorters want it. */
function renderImports(imports: ReadonlySet<string>): string {
  const sorted = [...imports].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const groups = [sorted.filter((line) => STANDARD.test(line)), sorted.filter((line) => !STANDARD.test(line))];
  return groups
    .filter((group) => group.length > 0)
    .map((group) => group.join('\n'))
    .join('\n\n');
}

const rank = (line: string): number => (line.startsWith('import ') ? 0 : 1);

function renderScene({ parameters, lines, saves }: Scene): string {
  const returns = saves.length === 0 ? 'None' : 'dict[str, Any]';
  const doc =
    saves.length === 0
      ? 'Take the steps that the examples start from.'
      : 'Take the steps that the examples start from; return what they saved.';
  return [signature('set_the_scene', parameters, returns), `    """${doc}"""`, ...lines].join('\n');
}

function renderTest({ name, rule, criteria, body }: NamedTest): string {
  return [
    ...(body.decorator === null ? [] : [layOut(body.decorator, 0)]),
    signature(name, body.parameters, 'None'),
    `    """${fitted(rule, INDENT)}`,
    '',
    `    Criteria: ${criteria.join(', ')}`,
    '    """',
    ...body.lines,
  ].join('\n');
}

function signature(name: string, parameters: readonly Parameter[], returns: string): string {
  const items = parameters.map(({ name: parameter, annotation }): Expression => `${parameter}: ${annotation}`);
  const after = `) -> ${returns}:`;
  return layOut({ open: `def ${name}(`, items, close: after }, 0);
}

/** One line of a docstring: shortened at a word where it does not fit, and ended with a full stop. */
function fitted(text: string, indent: number): string {
  const room = WIDTH - indent - '""""""'.length - 1;
  const whole = docstringText(text).replace(/[.\s]+$/, '');
  if (whole.length <= room) return `${whole}.`;
  const cut = whole.slice(0, room - 2);
  const kept = cut.slice(0, Math.max(cut.lastIndexOf(' '), 20));
  // A cut between the halves of a character would leave one that no file can hold.
  return `${kept.replace(/[\ud800-\udbff]$/, '').replace(/[\s,;:\\]+$/, '')}...`;
}
