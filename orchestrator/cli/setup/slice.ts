import { Failure } from '../../domain/failure.ts';

/** What one target of a Dockerfile needs: only those stages, the files they copy out of the context and the arguments they take. */
export interface Slice {
  readonly dockerfile: string;
  /** As written after COPY: a file, or a folder with a trailing slash. */
  readonly sources: readonly string[];
  readonly args: readonly string[];
}

interface StageText {
  readonly name: string;
  readonly needs: readonly string[];
  readonly sources: readonly string[];
  readonly args: readonly string[];
  readonly text: string;
}

/**
 * Cut a Dockerfile down to one target. The classic builder runs every stage above the target, needed or not, and an image's name is
 * the hash of what goes in: both want exactly the stages that count. Understands the subset that images/Dockerfile uses.
 */
export function sliceDockerfile(dockerfile: string, target: string): Slice {
  const parts = withoutComments(dockerfile).split(/^(?=FROM )/m);
  const head = parts[0]?.startsWith('FROM ') ? '' : (parts.shift() ?? '');
  const stages = new Map(parts.map(readStage).map((stage) => [stage.name, stage]));
  if (!stages.has(target)) throw new Failure('bug', `images/Dockerfile has no target ${target}`);
  const needed = closure(target, stages);
  const kept = [...stages.values()].filter((stage) => needed.has(stage.name));
  return {
    dockerfile: [head, ...kept.map((stage) => stage.text)].join(''),
    sources: [...new Set(kept.flatMap((stage) => stage.sources))].sort(),
    args: [...new Set([...argumentNames(head), ...kept.flatMap((stage) => stage.args)])].sort(),
  };
}

function closure(target: string, stages: ReadonlyMap<string, StageText>): ReadonlySet<string> {
  const needed = new Set<string>();
  const visit = (name: string): void => {
    if (needed.has(name)) return;
    const stage = stages.get(name);
    if (stage === undefined) return;
    needed.add(name);
    stage.needs.forEach(visit);
  };
  visit(target);
  return needed;
}

function readStage(text: string): StageText {
  const from = /^FROM (\S+) AS (\S+)/.exec(text);
  if (from === null) throw new Failure('bug', `images/Dockerfile: a stage without a name: ${text.slice(0, 80)}`);
  const [, parent = '', name = ''] = from;
  const copies = joined(text).filter((line) => line.startsWith('COPY '));
  return {
    name,
    needs: [parent, ...copies.flatMap((line) => /--from=(\S+)/.exec(line)?.slice(1) ?? [])],
    sources: copies.filter((line) => !line.includes('--from=')).flatMap((line) => line.split(/\s+/).slice(1, -1)),
    args: argumentNames(text),
    text,
  };
}

function argumentNames(text: string): string[] {
  return joined(text).flatMap((line) => /^ARG ([A-Za-z_][A-Za-z0-9_]*)/.exec(line)?.slice(1) ?? []);
}

function joined(text: string): string[] {
  return text.replace(/\\\n/g, ' ').split('\n');
}

function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => `${line}\n`)
    .join('');
}
