import { type JailProof, jailText, TRY_CLASSES } from './jail.ts';
import { plainTable, sum } from './pr-text.ts';
import { inlineCode } from './untrusted.ts';

/** What was tried in containers of each kind, and held: a folded table of counts. */
export function jailSection(proof: JailProof, folder: string): string {
  const classes = TRY_CLASSES.filter((name) => name !== 'control');
  const rows = proof.probes.map(({ kind, tries }) => [kind, ...classes.map((name) => String(Object.keys(tries[name] ?? {}).length))]);
  const all = sum(rows.flatMap(([, ...counts]) => counts.map(Number)));
  const note = `A container with the same create request as those of this run tried what its policy forbids; each answer of the kernel is in ${inlineCode(`${folder}/evidence/jail.json`, 200)}.`;
  const summary = `${all} tries in ${proof.probes.length} kinds of container, none got through`;
  return `## Jail\n\n${jailText(proof)}. ${note}\n\n<details><summary>${summary}</summary>\n\n${plainTable(['', ...classes], rows)}\n\n</details>`;
}
