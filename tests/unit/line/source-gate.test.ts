import { expect, test } from 'vitest';
import type { TestReport } from '../../../orchestrator/domain/report.ts';
import { sourceGate } from '../../../orchestrator/pipeline/source-gate.ts';
import type { OnBehalf, Toolbox } from '../../../orchestrator/pipeline/toolbox.ts';
import { baseline, LAYOUT, modified, PROTECTION, result, run, tree } from '../gates/support.ts';

const who: OnBehalf = { stage: 'BUILD', attempt: 1 };
const REPLACED = 'tests/test_pages.py::test_bounds';

/** What BUILD is told of a change on which the base's tests end like this. */
async function told(report: TestReport): Promise<string | null> {
  const clean = ['ruff', 'format', 'mypy'].map((tool) => ({ tool, exitCode: 0, findings: [], unformatted: [], output: '', problem: null }));
  const toolbox = { validate: async () => clean, test: async () => report } as unknown as Toolbox;
  return sourceGate(toolbox).check({
    ground: {
      base: {} as never,
      tree: tree({ 'app/pages.py': 'MOST = 100\n', 'tests/test_pages.py': '' }),
      layout: LAYOUT,
      protection: PROTECTION,
    },
    card: {},
    baseline: baseline(),
    source: [modified('app/pages.py', 'MOST = 100\n', 'MOST = 200\n')],
    planned: { spec: {} as never, amended: null, compiled: { path: 'tests/test_spec.py', content: '', tests: [], prose: [] } },
    superseded: [REPLACED],
    who,
  });
}

test('BUILD is not shown a row of a test that the Spec supersedes, and every other test that fails', async () => {
  expect(await told(run([result(`${REPLACED}[/orders?limit=101]`, 'failed')]))).toBeNull();
  expect(await told(run([result(REPLACED, 'failed')]))).toBeNull();
  expect(await told(run([result(`${REPLACED}_of_lists`, 'failed', 'assert 1 == 2')]))).toContain('assert 1 == 2');
});
