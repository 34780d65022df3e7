/** What a person reads when the line has ended well: the PR's text and the commit's message. Plain fields in, Markdown out. */
import type { ChangelogSection } from './changelog.ts';
import { subject } from './commit-message.ts';
import type { HunkOutcome } from './hunks.ts';
import type { JailProof } from './jail.ts';
import type { FilePatch } from './patch.ts';
import { hunksSection } from './pr-hunks.ts';
import { jailSection } from './pr-jail.ts';
import {
  bytes,
  cellCode,
  dollars,
  duration,
  forShell,
  list,
  more,
  plainTable,
  plural,
  SIZES,
  type Size,
  several,
  sum,
  table,
  tokens,
  words,
} from './pr-text.ts';
import { fenced, forMarkdown, inlineCode, oneLine } from './untrusted.ts';
import type { CriterionProof, Fact } from './verdict.ts';

/** Bytes of UTF-8 that a PR's text has at most: forges take about 64 kB. */
export const MAX_PR_BYTES = 60_000;

/** What a stage cost, all its attempts together. */
export interface StageCost {
  readonly stage: string;
  readonly attempts: number;
  /** Model asked for, and who in the end answered; null where none is asked. */
  readonly model: string | null;
  readonly servedBy: string | null;
  /** null: nobody said. */
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  /** True where the counts are estimates. */
  readonly estimated: boolean;
  /** US dollars; null for unknown. */
  readonly costUsd: number | null;
  readonly ms: number;
}

export interface ChangedFile {
  readonly path: string;
  readonly kind: FilePatch['kind'];
  readonly added: number;
  readonly deleted: number;
}

export interface PrReview {
  readonly verdict: 'approve' | 'reject';
  readonly servedBy: string;
  readonly criteria: readonly {
    readonly id: string;
    readonly holds: boolean;
    readonly why: string;
    readonly citations: readonly string[];
  }[];
  /** Findings without a Spec id: they block nothing. */
  readonly notes: readonly { readonly path: string | null; readonly line: number | null; readonly what: string }[];
}

export interface PrInput {
  readonly run: string;
  /** The run's folder as a person may be told it. */
  readonly folder: string;
  readonly branch: string;
  readonly base: { readonly commit: string; readonly tree: string; readonly branch: string | null; readonly prefix: string };
  readonly title: string;
  readonly section: ChangelogSection;
  readonly request: string;
  readonly intent: string;
  readonly assumptions: readonly { readonly id: string; readonly text: string }[];
  readonly outOfScope: readonly string[];
  /** The Spec as Markdown (`renderSpec`): shown folded, as text. */
  readonly spec?: string;
  readonly notCovered: readonly { readonly sentence: string; readonly reason: string }[];
  readonly files: readonly ChangedFile[];
  readonly proof: readonly CriterionProof[];
  readonly facts: readonly Fact[];
  /** What became of each hunk of the source when it was taken out, and what the new tests cite. */
  readonly hunks?: { readonly hunks: readonly HunkOutcome[]; readonly criteria: ReadonlyMap<string, readonly string[]> };
  readonly review: PrReview;
  readonly superseded: readonly { readonly test: string; readonly by: string }[];
  readonly flaky: readonly string[];
  readonly stages: readonly StageCost[];
  /** Milliseconds from the request to the PR. */
  readonly ms: number;
  readonly reworks: number;
  readonly replayed: 'fresh' | 'drifted' | null;
  /** Who answered, where it was neither a model alone nor a recording alone. */
  readonly answered?: string;
  /** What was seen of the jail, e.g. `8 of 8 probes held`. */
  readonly jail?: string;
  /** What was tried in the jail that the change was made in. */
  readonly jailProof?: JailProof;
  /** What held less than usual in this run, a sentence each. */
  readonly caveats?: readonly string[];
  /** SHA-256 of the trace's last line when the commit was made. */
  readonly traceHead: string;
}

/** `pr.md`: at most `MAX_PR_BYTES`; what is cut says where the whole is. */
export function renderPr(input: PrInput): string {
  for (const size of SIZES) {
    const text = join(sections(input, size));
    if (bytes(text) <= MAX_PR_BYTES) return text;
  }
  return dropped(input);
}

/** A heading with its paragraphs; null where there is nothing to say. */
type Section = string | null;

function sections(input: PrInput, size: Size): Section[] {
  return [
    head(input),
    request(input, size),
    changed(input, size),
    proof(input, size),
    input.hunks === undefined ? null : hunksSection({ ...input.hunks, folder: input.folder }, size),
    gates(input, size),
    review(input, size),
    assumptions(input, size),
    leftOut(input, size),
    specification(input, size),
    testsApart(input, size),
    input.jailProof === undefined ? null : jailSection(input.jailProof, input.folder),
    costs(input),
    origin(input, size),
    nextSteps(input),
  ];
}

function join(parts: readonly Section[]): string {
  return `${parts.filter((part) => part !== null).join('\n\n')}\n`;
}

/** The last resort: whole sections left out, the longest first, never the head and the way to look at it. */
function dropped(input: PrInput): string {
  const parts = sections(input, SIZES.at(-1) as Size);
  const note = `_Parts of this text are left out for its length: the whole is in ${inlineCode(input.folder, 120)}._`;
  const order = parts.map((part, i) => ({ i, length: bytes(part ?? '') })).sort((a, b) => b.length - a.length);
  for (const { i } of order) {
    if (bytes(join([...parts, note])) <= MAX_PR_BYTES) break;
    if (i !== 0 && i !== parts.length - 1) parts[i] = null;
  }
  return join([...parts, note]);
}

function head(input: PrInput): string {
  const held = input.facts.filter(({ holds }) => holds).length;
  const summary = [
    `**${input.proof.filter(isProven).length} of ${input.proof.length} criteria proven**`,
    `${held} of ${input.facts.length} gates hold`,
    `REVIEW ${input.review.verdict === 'approve' ? 'approves' : 'rejects'}`,
    input.reworks === 0 ? 'no rework' : plural(input.reworks, 'rework'),
    dollars(total(input.stages)),
    `${duration(input.ms)} from request to PR`,
  ];
  return `# ${forMarkdown(subject(input.title, input.section))}\n\n${summary.join(' · ')}`;
}

function request(input: PrInput, size: Size): string {
  const cut = [...input.request.trim()].slice(0, size.request).join('');
  const isCut = cut.length < input.request.trim().length;
  const quoted = forMarkdown(cut).replace(/^/gm, '> ').replace(/^> $/gm, '>');
  const note = isCut ? `\n>\n> _… the whole is in ${inlineCode(`${input.folder}/request.txt`, 160)}_` : '';
  return `## The request\n\n${quoted}${note}\n\n${words(input.intent, size)}`;
}

function changed(input: PrInput, size: Size): string {
  const row = ({ path, kind, added, deleted }: ChangedFile) => [
    cellCode(path),
    kind === 'modified' ? '' : kind,
    kind === 'binary' ? '' : `+${added}`,
    kind === 'binary' ? '' : `−${deleted}`,
  ];
  const added = sum(input.files.map((file) => file.added));
  const deleted = sum(input.files.map((file) => file.deleted));
  const stat = `${plural(input.files.length, 'file')}, +${added} −${deleted}`;
  const where = input.base.prefix === '' ? '' : ` in ${inlineCode(`${input.base.prefix}/`, 200)}`;
  return `## What changed\n\n${stat}${where}.\n\n${table(['file', '', '+', '−'], input.files, row, size, `${input.folder}/change.patch`)}`;
}

function proof(input: PrInput, size: Size): string {
  const row = (one: CriterionProof) => [
    `“${words(one.from, size)}”`,
    `${isProven(one) ? '✅' : '❌'} **${one.id}** ${one.kind}<br>${words(one.rule, size)}`,
    several(one.tests, ({ id, onBase, onChange }) => `${cellCode(id)} ${onBase} → ${onChange}`, size),
    several(one.citations, cellCode, size),
  ];
  const titles = ['the request says', 'criterion', 'tests, base → change', 'REVIEW cites'];
  const proven = table(titles, input.proof, row, size, `${input.folder}/proof.json`);
  const sentence = (one: PrInput['notCovered'][number]) => `“${words(one.sentence, size)}”: ${words(one.reason, size)}`;
  const uncovered =
    input.notCovered.length === 0
      ? 'Every sentence of the request is quoted by a criterion.'
      : `The request also says, and no criterion takes up:\n\n${list(input.notCovered, sentence, size, `${input.folder}/spec.md`)}`;
  return `## Proof\n\n${proven}\n\n${uncovered}`;
}

function gates(input: PrInput, size: Size): string {
  const row = ({ name, holds, evidence }: Fact) => [holds ? '✅' : '❌', cellCode(name), words(evidence, size)];
  return `## Gates\n\n${table(['', 'fact', 'evidence'], input.facts, row, size, `${input.folder}/evidence/verdict.json`)}`;
}

function review({ review: { verdict, servedBy, criteria, notes }, folder }: PrInput, size: Size): string {
  const row = ({ id, holds, why, citations }: PrReview['criteria'][number]) => [
    `${holds ? '✅' : '❌'} **${id}**`,
    words(why, size),
    several(citations, cellCode, size),
  ];
  const note = ({ path, line, what }: PrReview['notes'][number]) => {
    const where = path === null ? '' : `${inlineCode(line === null ? path : `${path}:${line}`, 200)} `;
    return `${where}${words(what, size)}`;
  };
  const whole = `${folder}/evidence`;
  return [
    `## Review\n\n${verdict === 'approve' ? '✅ approve' : '❌ reject'}, by ${inlineCode(servedBy, 100)}, which saw the diff, not BUILD’s words.`,
    table(['', 'why', 'cites'], criteria, row, size, whole),
    ...(notes.length === 0 ? [] : [`Notes that block nothing:\n\n${list(notes, note, size, whole)}`]),
  ].join('\n\n');
}

function assumptions(input: PrInput, size: Size): Section {
  if (input.assumptions.length === 0) return null;
  const item = ({ id, text }: PrInput['assumptions'][number], i: number) => `${i + 1}. **${id}**: ${words(text, size)}`;
  const advice =
    'Where one is wrong, say so in the request and run it again: correct the Spec, not this PR, or the proof no longer fits the code.';
  const shown = input.assumptions.slice(0, size.rows).map(item).join('\n');
  const rest = more(input.assumptions.length, size, `${input.folder}/spec.md`);
  return `## Assumptions\n\nThe request left these open. ${advice}\n\n${shown}${rest}`;
}

function leftOut(input: PrInput, size: Size): Section {
  if (input.outOfScope.length === 0) return null;
  const item = (one: string) => words(one, size);
  return `## Out of scope\n\n${list(input.outOfScope, item, size, `${input.folder}/spec.md`)}`;
}

/** Folded and fenced: whatever the Spec quotes stays text. Only the largest size has room for it. */
function specification({ spec, folder }: PrInput, size: Size): Section {
  if (spec === undefined) return null;
  const place = `the whole is in ${inlineCode(`${folder}/spec.md`, 200)}`;
  const text =
    size === SIZES[0]
      ? `<details><summary>The Spec that this was built to</summary>\n\n${fenced(spec, 'markdown')}\n\n</details>`
      : `_Left out for its length: ${place}._`;
  return `## Spec\n\n${text}`;
}

function testsApart(input: PrInput, size: Size): Section {
  const items = [...input.superseded, ...input.flaky];
  if (items.length === 0) return null;
  const item = (one: (typeof items)[number]) =>
    typeof one === 'string'
      ? `${inlineCode(one, 300)} flaky: differed between two runs of the untouched base`
      : `${inlineCode(one.test, 300)} superseded by **${words(one.by, size)}**`;
  return `## Base tests that decided nothing\n\n${list(items, item, size, `${input.folder}/evidence`)}`;
}

function costs({ stages }: PrInput): string {
  const rows = stages.map((one) => [
    forMarkdown(oneLine(one.stage, 40)),
    String(one.attempts),
    one.model === null ? '' : cellCode(one.model),
    one.servedBy === null ? '' : cellCode(one.servedBy),
    one.model === null ? '' : tokens(one.tokensIn, one.estimated),
    one.model === null ? '' : tokens(one.tokensOut, one.estimated),
    one.model === null ? '' : dollars(one.costUsd),
    duration(one.ms),
  ]);
  const sums = [
    '**all**',
    String(sum(stages.map(({ attempts }) => attempts))),
    '',
    '',
    tokens(
      sumKnown(stages, 'tokensIn'),
      stages.some(({ estimated }) => estimated),
    ),
    tokens(
      sumKnown(stages, 'tokensOut'),
      stages.some(({ estimated }) => estimated),
    ),
    dollars(total(stages)),
    duration(sum(stages.map(({ ms }) => ms))),
  ];
  const note = stages.some(({ estimated }) => estimated) ? '\n\n~ marks an estimate.' : '';
  const titles = ['stage', 'tries', 'model', 'served by', 'tokens in', 'tokens out', '$', 'time'];
  return `## Costs\n\n${plainTable(titles, [...rows.slice(0, 20), sums])}${note}`;
}

function origin(input: PrInput, size: Size): string {
  const replayed = {
    fresh: 'replayed from its recording, which fits',
    drifted: 'replayed from a recording that has **drifted**: the prompts are no longer those that were recorded',
  };
  const items = [
    `run ${inlineCode(input.run, 80)}, in ${inlineCode(input.folder, 160)}`,
    `base ${inlineCode(input.base.commit, 64)}, its tree ${inlineCode(input.base.tree, 64)}`,
    `trace ${inlineCode(input.traceHead, 64)}`,
    input.replayed === null ? (input.answered ?? 'answered live') : replayed[input.replayed],
    ...(input.jail === undefined ? [] : [`jail: ${words(input.jail, size)}`]),
    ...(input.caveats ?? []).slice(0, size.rows).map((caveat) => `⚠️ ${words(caveat, size)}`),
  ];
  return `## Where it comes from\n\n${items.map((item) => `- ${item}`).join('\n')}`;
}

function nextSteps({ base, branch }: PrInput): string {
  const commands = [
    [`git diff ${forShell(base.branch ?? '') || base.commit}...${forShell(branch)}`, 'look'],
    [`git switch ${forShell(branch)}`, 'try'],
    [`git branch -D ${forShell(branch)}`, 'discard: nothing else was touched'],
  ] as const;
  const width = Math.max(...commands.map(([command]) => command.length));
  const lines = commands.map(([command, why]) => `${command.padEnd(width)}  # ${why}`);
  return `## Look, try, discard\n\n\`\`\`sh\n${lines.join('\n')}\n\`\`\``;
}

/**
 * A criterion is proven when its tests pass on the change and, unless it only keeps what was, at least one was red on the base or fails when a hunk is
 * taken out.
 */
function isProven({ kind, tests }: CriterionProof): boolean {
  const isRedFirst = kind === 'preserved' || tests.some(({ onBase, hunks = [] }) => onBase === 'red' || hunks.length > 0);
  return tests.length > 0 && isRedFirst && tests.every(({ onChange }) => onChange === 'green');
}

/** The sum over the stages that ask a model; null as soon as one of them is unknown. */
function total(stages: readonly StageCost[]): number | null {
  return sumKnown(stages, 'costUsd');
}

function sumKnown(stages: readonly StageCost[], key: 'costUsd' | 'tokensIn' | 'tokensOut'): number | null {
  const known = stages.filter(({ model }) => model !== null).map((stage) => stage[key]);
  return known.some((value) => value === null) ? null : sum(known as number[]);
}
