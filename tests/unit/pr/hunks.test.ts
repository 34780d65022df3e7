import { describe, expect, it } from 'vitest';
import type { HunkOutcome } from '../../../orchestrator/domain/hunks.ts';
import { hunksSection } from '../../../orchestrator/domain/pr-hunks.ts';
import { SIZES, type Size } from '../../../orchestrator/domain/pr-text.ts';

const outcome = (number: number, more: Partial<HunkOutcome>): HunkOutcome => ({
  id: `app/x.py#${number}`,
  path: 'app/x.py',
  old: { from: number, count: 0 },
  new: { from: number, count: 2 },
  state: 'proven',
  missedBy: [],
  together: [],
  note: null,
  ms: 1000,
  ...more,
});
const section = (hunks: readonly HunkOutcome[], size = SIZES[0] as Size) =>
  hunksSection({ hunks, criteria: new Map([['tests/test_x.py::test_a', ['C1', 'C2']]]), folder: 'runs/x' }, size);

describe('the hunks in a PR', () => {
  it('stand with what misses them, and what nobody misses stands out', () => {
    const text = section([
      outcome(1, { missedBy: ['tests/test_x.py::test_a', 'tests/test_x.py::test_b', 'tests/test_x.py::test_c'], together: ['app/x.py#3'] }),
      outcome(3, { note: 'without it the tests cannot be loaded', missedBy: ['tests/test_x.py::test_a'] }),
      outcome(5, { state: 'unproven', note: 'no new test misses it' }),
      outcome(7, { state: 'no_code', ms: null, new: { from: 7, count: 0 }, old: { from: 7, count: 1 } }),
    ]);
    expect(text?.split('\n').slice(0, 3)).toEqual(['## Hunks', '', expect.stringMatching(/^2 of 3 hunks proven\. /)]);
    expect(text?.split('\n').slice(6)).toEqual([
      '| ✅ | `app/x.py:1-2` | `tests/test_x.py::test_a` (C1, C2)<br>`tests/test_x.py::test_b`<br>… 1 more<br>taken out together with `app/x.py:3-4` |',
      '| ✅ | `app/x.py:3-4` | without it the tests cannot be loaded |',
      '| ⚠️ | `app/x.py:5-6` | **unproven**: no new test misses it |',
      '|  | `app/x.py:7 (deleted)` | no code |',
    ]);
  });

  it('cannot break out of their table, and are cut with a word on where the whole is', () => {
    const text = section([outcome(1, { path: 'a|b`\n@x.py', state: 'unproven', note: '| <img src=x> @you\n# more' })]) ?? '';
    expect(text.split('\n')).toHaveLength(7);
    expect(text).not.toMatch(/<img|@you/);
    const many = section(
      Array.from({ length: 90 }, (_, i) => outcome(i + 1, {})),
      SIZES.at(-1) as Size,
    );
    expect(many).toContain('85 more in `runs/x/evidence/hunks.json`');
  });

  it('are not spoken of where the source was not taken apart', () => {
    expect(section([])).toBeNull();
  });
});
