import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { fingerprint, smallTarget } from '../docker/line/small-target.ts';
import { CATALOGUE, IDS } from './catalogue.ts';
import { exportPlays } from './host/export.ts';
import { hostTextPlays } from './host/text.ts';
import { inputPlays } from './input.ts';
import { modelPlays } from './models.ts';
import { playCases } from './suite.ts';

const plays = { ...exportPlays(), ...hostTextPlays(), ...modelPlays(), ...inputPlays() };
const quick = CATALOGUE.filter(({ speed }) => speed === 'quick');
const directory = smallTarget();
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the catalogue', () => {
  test('holds every id once', () => {
    expect(CATALOGUE.map(({ id }) => id).sort()).toEqual([...IDS].sort());
    expect(new Set(IDS).size).toBe(IDS.length);
  });

  test('says of every case that is not built why', () => {
    for (const { id, status } of CATALOGUE) expect(status, id).toMatch(/^(built|open: .{5,})$/);
  });

  test('has a play for exactly the quick cases that are built', () => {
    const built = quick.filter(({ status }) => status === 'built').map(({ id }) => id);
    expect(Object.keys(plays).sort()).toEqual(built.sort());
  });
});

describe('hostile cases that need no engine', () => {
  playCases(
    quick,
    (id) => (plays[id] as () => ReturnType<(typeof plays)[string]>)(),
    () => ({ fingerprint: () => fingerprint(directory), left: async () => [] }),
  );
});
