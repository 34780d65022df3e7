import type { TargetCard } from '../card.ts';
import type { Example, HttpExample, Spec } from '../spec.ts';
import type { TargetLayout } from '../target.ts';
import { compileCall } from './compile/call.ts';
import { compileCli } from './compile/cli.ts';
import { unusableConstant } from './compile/constants.ts';
import { NotCompiled, type TestBody } from './compile/function.ts';
import { compileHttp, compileScene, type HttpContext, type Scene } from './compile/http.ts';
import { placeFor } from './compile/place.ts';
import { type NamedTest, renderFile } from './compile/render.ts';
import { exampleText } from './example-text.ts';
import { sharedFixtures } from './fixtures.ts';
import { callValues, httpValues, problemsOfBackground, problemsOfExample, requestValues } from './problems.ts';
import { functionWords } from './python/names.ts';
import { namesIn } from './template.ts';

/** The examples of a Spec as one test file of the target. */
export interface CompiledExamples {
  /** A path that the base does not have, relative to the target's folder. */
  readonly path: string;
  /** The file; '' when no example could be compiled, and then there is nothing to write. */
  readonly content: string;
  readonly tests: readonly CompiledTest[];
  /** What is left to TEST's writer: prose, and what could not be compiled with the reason, in the order of the Spec. */
  readonly prose: readonly ProseExample[];
}

export interface CompiledTest {
  /** `path::function`; of a table this is what the node ids of its rows begin with. */
  readonly id: string;
  readonly function: string;
  readonly criteria: readonly string[];
  /** Index in the criterion's examples, from 0. */
  readonly example: number;
}

export interface ProseExample {
  readonly criterion: string;
  readonly example: number;
  readonly text: string;
}

/**
 * The Spec's examples as pytest functions, one an example, parametrized where it has a table; no model has a part in it. The result is
 * the same for the same input. Values of the Spec only ever become Python literals. An example that does not compile becomes prose; the
 * Spec need not have passed `lintSpec`.
 */
export function compileExamples(
  spec: Spec,
  { card, layout }: { readonly card: TargetCard; readonly layout: TargetLayout },
): CompiledExamples {
  const { path, client } = placeFor(spec, card, layout);
  const shared = { client, path, fixtures: sharedFixtures(card), background: spec.background, constants: spec.constants ?? [] };
  const context: HttpContext = { ...shared, scene: sceneFor(spec, shared) };
  const names = new Set<string>();
  const tests: (NamedTest & { readonly at: number })[] = [];
  const prose: ProseExample[] = [];
  for (const { id, rule, examples } of spec.acceptance_criteria) {
    examples.forEach((example, at) => {
      const body = bodyOf(example, context);
      if (body instanceof NotCompiled) {
        const text = example.type === 'prose' ? example.text : `${exampleText(example)} (not compiled: ${body.reason})`;
        prose.push({ criterion: id, example: at, text });
      } else tests.push({ name: uniqueName(`test_${functionWords(rule)}`, names), rule, criteria: [id], body, at });
    });
  }
  return {
    path,
    content: tests.length === 0 ? '' : renderFile(spec.title, context.scene, tests),
    tests: tests.map(({ name, criteria, at }) => ({ id: `${path}::${name}`, function: name, criteria, example: at })),
    prose,
  };
}

/** The background's function, where more than one test will call it. */
function sceneFor(spec: Spec, shared: Omit<HttpContext, 'scene'>): Scene | null {
  const context: HttpContext = { ...shared, scene: null };
  const calling = spec.acceptance_criteria
    .flatMap(({ examples }) => examples)
    .filter((example): example is HttpExample => example.type === 'http' && !(bodyOf(example, context) instanceof NotCompiled));
  return calling.length > 1 ? compileScene(calling, context) : null;
}

function bodyOf(example: Example, context: HttpContext): TestBody | NotCompiled {
  if (example.type === 'prose') return new NotCompiled('prose');
  const { background, constants } = context;
  const found = problemsOfExample(example, context);
  if (example.type === 'http') {
    found.push(...problemsOfBackground(context).map((problem) => ({ ...problem, at: `background${problem.at}` })));
  }
  const problem = found.find(({ blocks }) => blocks);
  if (problem !== undefined) return new NotCompiled(`${problem.at}: ${problem.message}`);
  if (example.type === 'cli') return compileCli(example);
  const values = example.type === 'http' ? [...httpValues(example), ...background.flatMap(requestValues)] : callValues(example);
  const unusable = unusableConstant(new Set(values.flatMap(namesIn)), constants);
  if (unusable !== null) return new NotCompiled(`constants: ${unusable}`);
  return example.type === 'http' ? compileHttp(example, context) : compileCall(example, constants);
}

function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let n = 2; taken.has(unique); n++) unique = `${name}_${n}`;
  taken.add(unique);
  return unique;
}
