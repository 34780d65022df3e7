import type { Criterion, Spec } from '../../spec.ts';
import { jsonString, writeCode, writeParagraph, writeQuote, writeText } from './text.ts';
import { writeExample, writeSteps } from './write-example.ts';

/** The markdown form. Sections that hold nothing are left out. */
export function writeMarkdown(request: string, spec: Spec): string {
  const sections = [
    [`# ${writeText(spec.title)}`, '', writeParagraph(spec.intent), '', `Spec format ${spec.version}.`],
    ['## Request', '', ...writeQuote(request)],
    listed('Touches', spec.touchpoints.map(writeCode)),
    listed('Interface', spec.interface.map(writeCode)),
    constants(spec.constants),
    spec.background.length === 0 ? [] : ['## Background', '', ...fenced(writeSteps(spec.background))],
    ['## Acceptance criteria', ...spec.acceptance_criteria.flatMap((criterion) => ['', ...criterionLines(criterion)])],
    listed(
      'Assumptions',
      spec.assumptions.map(({ id, text }) => `**${id}** ${writeText(text)}`),
    ),
    listed('Constraints', spec.constraints.map(writeText)),
    listed('Out of scope', spec.out_of_scope.map(writeText)),
    dependencies(spec.dependencies),
    listed(
      'Superseded tests',
      spec.supersedes.map(({ test, by }) => `${writeCode(test)} by ${by}`),
    ),
    listed(
      'Not covered',
      spec.not_covered.map(({ sentence, reason }) => `${jsonString(sentence)}: ${writeText(reason)}`),
    ),
    ['## Changelog', '', `${spec.changelog.section}: ${writeText(spec.changelog.text)}`],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function criterionLines({ id, kind, was, from, refined_by, rule, examples }: Criterion): string[] {
  return [
    `### ${id} (${kind})`,
    '',
    ...writeQuote(from),
    '',
    `**Rule** ${writeText(rule)}`,
    ...(was === undefined ? [] : ['', `**Was** ${writeText(was)}`]),
    ...(refined_by === undefined ? [] : ['', `**Refined by** ${refined_by.join(', ') || 'nothing'}`]),
    ...examples.flatMap((example) =>
      example.type === 'prose' ? ['', `**Example in prose** ${writeText(example.text)}`] : ['', ...fenced(writeExample(example))],
    ),
  ];
}

function constants(list: Spec['constants']): string[] {
  if (list?.length === 0) return ['## Constants', '', 'None.'];
  return listed(
    'Constants',
    (list ?? []).map(({ name, of }) => `**$${name}** is ${writeCode(of)}`),
  );
}

function dependencies(list: Spec['dependencies']): string[] {
  if (list === undefined) return [];
  if (list.length === 0) return ['## Dependencies', '', 'None.'];
  return listed(
    'Dependencies',
    list.map(({ name, reason }) => `${writeCode(name)}: ${writeText(reason)}`),
  );
}

function listed(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`## ${title}`, '', ...items.map((item) => `- ${item}`)];
}

/** No line inside begins with backticks: each begins with a word, white space, a brace or a bracket. */
function fenced(lines: readonly string[]): string[] {
  return ['```', ...lines, '```'];
}
