/** The lines of a markdown document, grouped: what the reader of a Spec tells apart, and nothing else of Markdown. */
import { invalidAt } from './invalid.ts';

export interface Block {
  readonly kind: 'heading' | 'quote' | 'fence' | 'item' | 'paragraph';
  /** Number of the block's first line, from 1; of a fence, that of the first line inside. */
  readonly line: number;
  /** A heading's level, else 0. */
  readonly level: number;
  /** The lines: of a quotation with their `>`, of a heading and an item without their mark. */
  readonly lines: readonly string[];
}

/** Bounds the work that a hostile document can ask for; a Spec at every limit of its schema has fewer. */
const MOST_BLOCKS = 2_000;

/** All blocks of a document, in order. Throws `spec_invalid` for a fence without an end and for a document of too many blocks. */
export function splitBlocks(text: string): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    if ((lines[at] ?? '').trim() === '') {
      at += 1;
      continue;
    }
    const { block, next } = blockAt(lines, at);
    blocks.push(block);
    if (blocks.length > MOST_BLOCKS) throw invalidAt(block.line, `a document of at most ${MOST_BLOCKS} headings, items and paragraphs`);
    at = next;
  }
  return blocks;
}

/** The words of a paragraph or item, its lines joined. */
export function wordsOf({ lines }: Block): string {
  return lines
    .map((line) => line.trim())
    .join(' ')
    .trim();
}

function blockAt(lines: readonly string[], at: number): { block: Block; next: number } {
  const first = lines[at] ?? '';
  const line = at + 1;
  const heading = /^(#{1,6})[ \t]+/.exec(first);
  if (heading !== null) {
    const block: Block = { kind: 'heading', line, level: heading[1]?.length ?? 0, lines: [first.slice(heading[0].length)] };
    return { block, next: at + 1 };
  }
  const fence = /^(`{3,})[^`]*$/.exec(first)?.[1];
  if (fence !== undefined) return fenceAt(lines, at, fence);
  if (first.startsWith('>')) {
    const next = nextWhere(lines, at, (one) => !one.startsWith('>'));
    return { block: { kind: 'quote', line, level: 0, lines: lines.slice(at, next) }, next };
  }
  const mark = /^[-*+][ \t]+/.exec(first);
  const next = nextWhere(lines, at, (one) => one.trim() === '' || BEGINS_A_BLOCK.test(one));
  const [kind, own] = mark === null ? (['paragraph', first] as const) : (['item', first.slice(mark[0].length)] as const);
  return { block: { kind, line, level: 0, lines: [own, ...lines.slice(at + 1, next)] }, next };
}

/** A line that is no continuation of what stands above it. */
const BEGINS_A_BLOCK = /^(#{1,6}[ \t]|`{3}|>|[-*+][ \t]|\*\*(Rule|Was|Refined by|Example in prose):?\*\*)/;

function fenceAt(lines: readonly string[], at: number, fence: string): { block: Block; next: number } {
  const end = lines.findIndex((one, index) => index > at && /^`+[ \t]*$/.test(one) && one.trim().length >= fence.length);
  if (end === -1) throw invalidAt(at + 1, `an end \`${fence}\` of the block that begins here`);
  return { block: { kind: 'fence', line: at + 2, level: 0, lines: lines.slice(at + 1, end) }, next: end + 1 };
}

/** The index of the first line after `at` for which `test` holds, else the number of lines. */
function nextWhere(lines: readonly string[], at: number, test: (line: string) => boolean): number {
  let next = at + 1;
  while (next < lines.length && !test(lines[next] ?? '')) next += 1;
  return next;
}
