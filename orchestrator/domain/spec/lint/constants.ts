/** Whether every constant is somewhere in the target's code, once in the Spec, and of use. */
import type { TargetCard } from '../../card.ts';
import type { Constant, Spec } from '../../spec.ts';
import type { TargetLayout } from '../../target.ts';
import { sameName, valueOnBase } from '../dotted.ts';
import type { SpecFinding } from '../finding.ts';
import { isOfEveryModule } from '../look-up.ts';
import { callValues, httpValues, requestValues } from '../problems.ts';
import { namesIn } from '../template.ts';

export function lintConstants(spec: Spec, card: TargetCard, layout: TargetLayout): SpecFinding[] {
  const { constants = [] } = spec;
  const used = new Set(valuesOf(spec).flatMap(namesIn));
  return constants.flatMap((constant, at) => {
    const where = `constants[${at}]`;
    const isFirst = constants.findIndex(({ name }) => name === constant.name) === at;
    return [
      ...(isFirst ? [] : [twice(constant, where)]),
      ...unknown(constant, where, spec, card, layout),
      ...(used.has(constant.name) ? [] : [unused(constant, where)]),
    ];
  });
}

/** Every value of the Spec in which `$name` may stand. */
function valuesOf({ acceptance_criteria: criteria, background }: Spec) {
  const examples = criteria.flatMap((criterion) => criterion.examples);
  return [
    ...background.flatMap(requestValues),
    ...examples.flatMap((example) => (example.type === 'http' ? httpValues(example) : example.type === 'call' ? callValues(example) : [])),
  ];
}

function twice({ name }: Constant, where: string): SpecFinding {
  return {
    code: 'name_twice',
    where: `${where}.name`,
    message: `another constant is called \`${name}\``,
    instead: 'give each its own name',
  };
}

function unknown({ of }: Constant, where: string, { interface: promised }: Spec, card: TargetCard, layout: TargetLayout): SpecFinding[] {
  const finding = (message: string, instead: string): SpecFinding[] => [
    { code: 'constant_unknown', where: `${where}.of`, message, instead },
  ];
  if (isOfEveryModule(of)) return finding(`\`${of}\` is there in every module`, 'name a value that the target’s code assigns');
  if (promised.some((name) => sameName(name, of))) return [];
  const found = valueOnBase(of, card, layout);
  if (found === 'yes' || found === 'unknown') return [];
  if (found === 'code')
    return finding(`\`${of}\` is a function or a class, not a value`, 'name a value; what a function gives is shown by a call example');
  return finding(
    `the base has no value \`${of}\``,
    'write `package.module:NAME` of a constant in the card’s outline, in the module that assigns it; one that is yet to be made goes into `interface` too',
  );
}

function unused({ name }: Constant, where: string): SpecFinding {
  return {
    code: 'constant_unused',
    where: `${where}.name`,
    message: `no http or call example uses \`$${name}\``,
    instead: `write "$${name}" where the value belongs, or drop the constant`,
  };
}
