import { expect, test } from 'vitest';
import type { HostileCase, Outcome, Play, Try } from './case.ts';

/** What surrounds a case: what may not change, and what may not be left. */
export interface Surroundings {
  /** The user's repository as one hash; called before and after. */
  fingerprint(): string;
  /** Names of what is left on the engine. */
  left(): Promise<readonly string[]>;
}

/** What the table is made of; goes into the test runner's report. */
interface Told extends HostileCase {
  readonly played: { readonly control: number; readonly attack: readonly string[]; readonly twin: number } | null;
}

declare module '@vitest/runner' {
  interface TaskMeta {
    hostile?: Told;
  }
}

const isLong = process.env.FACTORY_LONG === '1';

/** One test a case: the control works, the attack ends as it must, the twin passes, nothing is touched and nothing is left. */
export function playCases(cases: readonly HostileCase[], playOf: (id: string) => Play, surroundings: () => Surroundings): void {
  for (const one of cases) {
    const isOpen = one.status !== 'built';
    const waits = one.speed === 'long' && !isLong;
    test(`${one.id} ${one.title}${isOpen ? ` (${one.status})` : ''}`, {
      skip: isOpen || waits,
      timeout: one.speed === 'long' ? 1_800_000 : 300_000,
      meta: { hostile: { ...one, played: null } },
    }, async ({ task }) => {
      const { fingerprint, left } = surroundings();
      const before = fingerprint();
      const play = playOf(one.id);
      const attack = play.attack.filter(({ long }) => isLong || long !== true);
      const twin = play.twin.filter(({ long }) => isLong || long !== true);
      for (const part of [play.control, attack, twin])
        expect(part, 'a case without control, attack or twin proves nothing').not.toEqual([]);
      const [controls, attacks, twins] = await Promise.all([
        inTurn(play.control, async ({ what, works }) => `${what}: ${(await works()) ? 'works' : 'does NOT work without the defence'}`),
        inTurn(attack, ended),
        inTurn(twin, ended),
      ]);
      expect(controls).toEqual(play.control.map(({ what }) => `${what}: works`));
      expect(attacks).toEqual(attack.map(due));
      expect(twins).toEqual(twin.map(due));
      expect(codesOf(attack), 'every code of the catalogue is seen, and no other').toEqual([...one.codes].sort());
      expect(fingerprint(), 'the user’s repository').toBe(before);
      expect(await left(), 'left on the engine').toEqual([]);
      task.meta.hostile = {
        ...one,
        played: { control: controls.length, attack: attack.map(({ must }) => String(must)), twin: twins.length },
      };
    });
  }
}

function codesOf(attacks: readonly Try[]): string[] {
  return [...new Set(attacks.map(({ must }) => String(must)).filter((must) => must !== 'null'))].sort();
}

async function inTurn<T>(all: readonly T[], act: (one: T) => Promise<string>): Promise<string[]> {
  const said: string[] = [];
  for (const one of all) said.push(await act(one));
  return said;
}

async function ended({ what, ends }: Try): Promise<string> {
  return saying(what, await ends());
}

function due({ what, must }: Try): string {
  return saying(what, must);
}

function saying(what: string, outcome: Outcome): string {
  return `${what}: ${outcome ?? 'goes through'}`;
}
