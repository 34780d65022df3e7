import type { ChangelogSection } from './changelog.ts';
import { defused, oneLine } from './untrusted.ts';

export interface CommitInput {
  readonly run: string;
  readonly title: string;
  readonly section: ChangelogSection;
  readonly criteria: readonly { readonly id: string; readonly rule: string }[];
  readonly traceHead: string;
  /** Tree id of the target's folder on the base. */
  readonly baseTree: string;
}

/** A conventional subject of at most 72 characters, the criteria, and trailers that tie the commit to its run. */
export function commitMessage(input: CommitInput): string {
  const criteria = input.criteria.map(({ id, rule }) => wrapped(`- ${id}: ${defused(oneLine(rule, 300))}`, '  '));
  return [
    defused(subject(input.title, input.section)),
    '',
    `Proven by run ${input.run}, each criterion red on the base and green on this:`,
    '',
    ...criteria,
    '',
    `Factory-Run: ${input.run}`,
    `Factory-Trace: ${input.traceHead}`,
    `Factory-Base-Tree: ${input.baseTree}`,
    '',
  ].join('\n');
}

const TYPES: Readonly<Record<ChangelogSection, string>> = {
  Added: 'feat',
  Changed: 'feat',
  Deprecated: 'feat',
  Removed: 'feat!',
  Fixed: 'fix',
  Security: 'fix',
};

/** The conventional first line for this title. */
export function subject(title: string, section: ChangelogSection): string {
  const prefix = `${TYPES[section]}: `;
  return prefix + oneLine(title, 72 - prefix.length).replace(/[ .]+$/, '');
}

/** Lines of at most 76 characters where words allow it. */
function wrapped(text: string, indent: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string;
    if (line !== '' && line.length + 1 + word.length > 76) lines.push(indent + word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}
