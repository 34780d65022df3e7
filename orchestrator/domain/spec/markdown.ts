import type { Criterion, Spec } from '../spec.ts';
import { forTerminal } from '../untrusted.ts';
import { exampleLines, stepLines } from './example-text.ts';

/** The Spec as stages and the PR show it, the request’s own words above every criterion. Deterministic; headings are the format’s, never a text of the Spec. */
export function renderSpec(spec: Spec): string {
  const sections = [
    [`# ${inline(spec.title)}`, '', paragraph(spec.intent), '', `Spec format ${spec.version}.`],
    listSection('Touches', spec.touchpoints.map(code)),
    listSection('Interface', spec.interface.map(code)),
    listSection(
      'Constants',
      (spec.constants ?? []).map(({ name, of }) => `**$${name}** is ${code(of)}`),
    ),
    spec.background.length === 0 ? [] : ['## Background', '', ...fence(stepLines('given', spec.background))],
    ['## Acceptance criteria', ...spec.acceptance_criteria.flatMap((criterion) => ['', ...criterionLines(criterion)])],
    listSection(
      'Assumptions',
      spec.assumptions.map(({ id, text }) => `**${id}** ${inline(text)}`),
    ),
    listSection('Constraints', spec.constraints.map(inline)),
    listSection('Out of scope', spec.out_of_scope.map(inline)),
    listSection(
      'Dependencies',
      (spec.dependencies ?? []).map(({ name, reason }) => `${code(name)}: ${inline(reason)}`),
    ),
    listSection(
      'Superseded tests',
      spec.supersedes.map(({ test, by }) => `${code(test)} by ${by}`),
    ),
    listSection(
      'Not covered',
      spec.not_covered.map(({ sentence, reason }) => `“${inline(sentence)}”: ${inline(reason)}`),
    ),
    ['## Changelog', '', `${spec.changelog.section}: ${inline(spec.changelog.text)}`],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function criterionLines({ id, kind, was, from, refined_by = [], rule, examples }: Criterion): string[] {
  return [
    `### ${id} (${kind})`,
    '',
    ...forTerminal(from)
      .split('\n')
      .map((line) => `> ${line}`),
    '',
    `**Rule** ${inline(rule)}`,
    ...(was === undefined ? [] : ['', `**Was** ${inline(was)}`]),
    ...(refined_by.length === 0 ? [] : ['', `**Refined by** ${refined_by.join(', ')}`]),
    ...examples.flatMap((example) =>
      example.type === 'prose' ? ['', `**Example in prose** ${inline(example.text)}`] : ['', ...fence(exampleLines(example))],
    ),
  ];
}

function listSection(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`## ${title}`, '', ...items.map((item) => `- ${item}`)];
}

/** No line of an example begins with backticks, so none of them can end the block. */
function fence(lines: readonly string[]): string[] {
  return ['```', ...lines.map((line) => forTerminal(line).replaceAll('\n', '\\n')), '```'];
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${inline(text)} \`\`` : `\`${inline(text)}\``;
}

/** A text on one line, so that no line of it can pass for a heading or a list. */
function inline(text: string): string {
  return forTerminal(text)
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}

function paragraph(text: string): string {
  return inline(text).replace(/^([#>*+\-=|`~]|\d+[.)])/, '\\$1');
}
