import fc from 'fast-check';
import { z } from 'zod';
import type { Json } from '../../../orchestrator/domain/json.ts';
import { type Spec, specSchema } from '../../../orchestrator/domain/spec.ts';

type Schema = { readonly [key: string]: Json };

/** Pieces that a format of lines, marks and quotes may stumble over. */
const PIECES = [
  ...'`#>-*_"\'\\/$=:,;()[]{}<>|~ \t\n\r',
  '\u001b[2J',
  '\u202e',
  '\u200b',
  '\u2028',
  '\u0085',
  '\u00a0',
  '\ufeff',
  '\ud800',
  '👩‍💻',
  '```',
  '\n## Request\n',
  '\n### C1 (new)\n',
  '**Rule** ',
  '> ',
  '- ',
  ' by C1',
  '”: ',
  '"x": y',
  '\\u0041',
  'then 200',
  'nothing',
  'None.',
  'Spec format 3.',
  '**$name** is ',
  '$name',
  '${',
  'name}',
  '$.items[*].name',
  'é',
  'true',
  '-0',
];

const text = (min: number, max: number): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 6 })), {
      maxLength: 8,
    })
    .map((pieces) => pieces.join('').slice(0, Math.min(max, 200)))
    .map((made) => (made.length >= min ? made : 'x'.repeat(min)));

const json: fc.Arbitrary<Json> = fc.oneof(
  text(0, 60),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1e21, 0.1, null, true, false, [], {}, [[]]),
  fc.jsonValue({ maxDepth: 5, noUnicodeString: false } as fc.JsonSharedConstraints) as fc.Arbitrary<Json>,
);

/** Values of a JSON schema, as `z.toJSONSchema` writes one. */
function of(node: Schema): fc.Arbitrary<unknown> {
  const options = (node.anyOf ?? node.oneOf) as Schema[] | undefined;
  if (options !== undefined) return fc.oneof(...options.map(of));
  if (node.const !== undefined) return fc.constant(node.const);
  if (node.enum !== undefined) return fc.constantFrom(...(node.enum as Json[]));
  if (node.type === 'string') return stringOf(node);
  if (node.type === 'integer') return fc.integer({ min: Number(node.minimum), max: Number(node.maximum) });
  if (node.type === 'array')
    return fc.array(of(node.items as Schema), { minLength: Number(node.minItems ?? 0), maxLength: Math.min(Number(node.maxItems), 4) });
  if (node.type === 'object' && node.properties !== undefined) {
    const parts = Object.entries(node.properties as Schema).map(([key, inner]) => [key, of(inner as Schema)] as const);
    return fc.record(Object.fromEntries(parts), { requiredKeys: node.required as string[] });
  }
  if (node.type === 'object') {
    const entry = fc.tuple(stringOf(node.propertyNames as Schema), of(node.additionalProperties as Schema));
    return fc.array(entry, { maxLength: 3 }).map((entries) => Object.fromEntries(entries));
  }
  if (Object.keys(node).length > 0) throw new Error(`not expected in the Spec's schema: ${JSON.stringify(node)}`);
  return json;
}

function stringOf({ pattern, minLength = 0, maxLength = 200 }: Schema): fc.Arbitrary<string> {
  if (typeof pattern !== 'string') return text(Number(minLength), Number(maxLength));
  const start = /^\^\[?\\?([/$])\$?\]?\.\*$/.exec(pattern)?.[1];
  if (start === undefined) return fc.stringMatching(new RegExp(pattern)).filter((made) => made.length <= Number(maxLength));
  return fc.oneof(
    text(0, Number(maxLength) - 1).map((rest) => start + rest),
    fc.constantFrom(...['.a', "['a b']", "['it\\'s = \"x\"']", '.items[*].name', '[0][-1].length'].map((rest) => start + rest)),
  );
}

/** Any Spec that the schema takes, whatever it says. */
export const anySpec: fc.Arbitrary<Spec> = of(
  z.toJSONSchema(specSchema, { unrepresentable: 'any', io: 'input', reused: 'inline' }) as Schema,
)
  .map((made) => specSchema.safeParse(made))
  .filter(({ success }) => success)
  .map(({ data }) => data as Spec);

/** Any text that may come as a request. */
export const anyRequest: fc.Arbitrary<string> = text(0, 200);
