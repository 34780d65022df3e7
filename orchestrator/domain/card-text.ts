import type { Fixture, TargetCard } from './card.ts';
import { outlineSection } from './card-outline.ts';
import { forTerminal } from './untrusted.ts';

/** Shares of the budget that a section may take; routes and outline get what the others leave. */
const SHARES = { files: 0.16, readme: 0.12, dependencies: 0.05, fixtures: 0.2, routes: 0.22, outline: 0.45 } as const;

/**
 * The target card as text for a prompt: deterministic, never longer than `budgetChars`, the same order always: files with line counts,
 * README's head, dependencies, fixtures, routes, outline. A section that is cut says how much it leaves out.
 */
export function renderCard(card: TargetCard, { budgetChars }: { readonly budgetChars: number }): string {
  const room = (share: number) => Math.floor(budgetChars * share);
  const head = [
    section('Files (lines)', fitLines(fileLines(card), room(SHARES.files), 'folders')),
    section('README, first lines', cutText(card.readmeHead, room(SHARES.readme))),
    section('Dependencies', cutText([...card.dependencies].sort().join(', '), room(SHARES.dependencies))),
    section('Test fixtures', fitLines(fixtureLines(card.fixtures), room(SHARES.fixtures), 'fixtures')),
  ].filter((text) => text !== '');
  const left = budgetChars - lengthOf(head) - HEADINGS;
  const least = outlineSection(card.outline, room(SHARES.outline)).length;
  const routes = section('Routes', routesText(card, Math.max(room(SHARES.routes), left - least)));
  const outline = section('Outline (lines of each symbol)', outlineSection(card.outline, left - routes.length));
  const text = [...head, routes, outline].filter((part) => part !== '').join(SEPARATOR);
  return forTerminal(text).slice(0, Math.max(0, budgetChars));
}

/** Room kept for the headings of routes and outline. */
const HEADINGS = 60;
const SEPARATOR = '\n\n';

const lengthOf = (parts: readonly string[]): number => parts.reduce((sum, part) => sum + part.length + SEPARATOR.length, 0);

function section(title: string, body: string): string {
  return body === '' ? '' : `## ${title}\n${body}`;
}

/** A folder a line with its files; a Python file with its number of lines. */
function fileLines({ files, outline }: TargetCard): string[] {
  const lines = new Map(outline.map((file) => [file.path, file.lines]));
  const folders = new Map<string, string[]>();
  for (const path of [...files].sort()) {
    const at = path.lastIndexOf('/') + 1;
    const count = lines.get(path);
    const shown = count === undefined ? path.slice(at) : `${path.slice(at)} (${count})`;
    const names = folders.get(path.slice(0, at));
    if (names === undefined) folders.set(path.slice(0, at), [shown]);
    else names.push(shown);
  }
  return [...folders].sort(([a], [b]) => (a < b ? -1 : 1)).map(([folder, names]) => `${folder || './'}: ${names.join(', ')}`);
}

function fixtureLines(fixtures: readonly Fixture[]): string[] {
  return [...fixtures]
    .sort((a, b) => compare(a.file, b.file) || a.line - b.line)
    .map(({ name, file, line, returns, parameters, doc }) => {
      const signature = `${name}(${parameters.join(', ')})${returns === null ? '' : ` -> ${oneLine(returns)}`}`;
      return `${signature}  ${file}:${line}${doc === null ? '' : `  ${oneLine(doc)}`}`;
    });
}

function routesText({ routes }: TargetCard, room: number): string {
  if ('unavailable' in routes) return `unavailable: ${cutText(oneLine(routes.unavailable), room)}`;
  const lines = [...routes]
    .sort((a, b) => compare(a.path, b.path) || compare(a.method, b.method))
    .map(({ method, path, parameters, request, responses }) => {
      const takes = [...parameters.map(oneLine), ...(request === null ? [] : [`body ${oneLine(request)}`])];
      return `${method} ${path}${takes.length === 0 ? '' : ` (${takes.join(', ')})`} -> ${responses.map(oneLine).join(', ')}`;
    });
  return fitLines(lines, room, 'routes');
}

/** As many whole lines as fit; long ones are cut first, to no less than 60 characters. */
function fitLines(lines: readonly string[], room: number, what: string): string {
  for (const longest of [2000, 400, 300, 240, 200, 160, 140, 120, 100, 80, 60]) {
    const text = lines.map((line) => cutText(line, longest)).join('\n');
    if (text.length <= room) return text;
  }
  const kept: string[] = [];
  let used = 0;
  for (const line of lines.map((text) => cutText(text, 60))) {
    if (used + line.length + 1 > room - 24) break;
    kept.push(line);
    used += line.length + 1;
  }
  return [...kept, `… ${lines.length - kept.length} more ${what}`].join('\n');
}

/** A text of at most `room` characters, an ellipsis at the end where it was cut. */
function cutText(text: string, room: number): string {
  const trimmed = text.trim();
  return trimmed.length <= room ? trimmed : `${trimmed.slice(0, Math.max(0, room - 1)).trimEnd()}…`;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
