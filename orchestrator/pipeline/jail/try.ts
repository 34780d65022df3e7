import type { JailHole, PolicyLine, TryClass } from '../../domain/jail.ts';

/** One thing a probe does inside a container, and what must come of it. */
export interface Try {
  readonly name: string;
  readonly class: TryClass;
  readonly line: PolicyLine;
  /** A verb of images/probe/probe.pl and its words; no tab in any of them. */
  readonly words: readonly string[];
  readonly must: string | RegExp;
}

export function one(kind: TryClass, line: PolicyLine, name: string, words: readonly string[], must: string | RegExp): Try {
  return { class: kind, line, name, words, must };
}

/** The tries that came out otherwise than they must; `answers` are in their order. A try without an answer is a hole too. */
export function holesIn(tries: readonly Try[], answers: readonly string[]): JailHole[] {
  return tries.flatMap(({ name, line, must, ...made }, i) => {
    const answer = answers[i] ?? 'no answer';
    const holds = typeof must === 'string' ? must === answer : must.test(answer);
    return holds ? [] : [{ try: name, class: made.class, line, must: mustText(must), answer }];
  });
}

/** `EROFS or ENOENT` where that is what the expression says, else the expression. */
function mustText(must: string | RegExp): string {
  if (typeof must === 'string') return must;
  return /^\^\(([\w|]+)\)\$$/.exec(must.source)?.[1]?.replaceAll('|', ' or ') ?? String(must);
}
