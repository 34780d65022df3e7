import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { turnJsonSchema } from '../../domain/spec/json-schema.ts';
import { specSchema } from '../../domain/spec.ts';
import { buildTurnSchema, planTurnSchema, reviewTurnSchema, scoutTurnSchema, testTurnSchema } from '../../domain/turns.ts';
import type { Console } from '../console.ts';

/** What has a schema: the Spec as people write it, and what each stage's model may answer. */
const SCHEMAS: ReadonlyMap<string, () => unknown> = new Map<string, () => unknown>([
  ['spec', () => z.toJSONSchema(specSchema, { io: 'input', unrepresentable: 'any', reused: 'inline' })],
  ['plan', () => turnJsonSchema(planTurnSchema)],
  ['scout', () => turnJsonSchema(scoutTurnSchema)],
  ['build', () => turnJsonSchema(buildTurnSchema)],
  ['test', () => turnJsonSchema(testTurnSchema)],
  ['review', () => turnJsonSchema(reviewTurnSchema)],
]);

/** `factory schema NAME`: a JSON schema on stdout. */
export function schemaCommand(program: Command, console: Console): void {
  program
    .command('schema')
    .description('print the JSON schema of the Spec, or of what the model of a stage may answer')
    .argument('<name>', [...SCHEMAS.keys()].join(', '), schemaOf)
    .action((schema: () => unknown) => console.out(`${JSON.stringify(schema(), null, 2)}\n`));
}

function schemaOf(name: string): () => unknown {
  const schema = SCHEMAS.get(name.toLowerCase());
  if (schema === undefined) throw new InvalidArgumentError(`There are ${[...SCHEMAS.keys()].join(', ')}.`);
  return schema;
}
