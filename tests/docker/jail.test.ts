import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../orchestrator/domain/json.ts';
import { CONTAINER_KINDS } from '../../orchestrator/domain/stage.ts';
import { type Bench, openBench } from './jail/bench.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
});

afterAll(async () => {
  await bench?.close();
  if (bench !== undefined) expect(await bench.engine.list({ 'factory.run': bench.run })).toEqual([]);
});

describe.each(CONTAINER_KINDS)('the jail of %s', (kind) => {
  it('is the create request that was agreed on (J16)', async () => {
    const cell = await bench.cell(kind);
    const spec = cell.spec({ command: ['/program'], image: 'an-image' });
    expect(settled(bench.engine.describe(spec), bench.run)).toMatchSnapshot();
  });
});

/** A create request without what differs from run to run. The profile is a file of its own. */
function settled(request: Json, run: string): Json {
  const text = JSON.stringify(request, (_, value) =>
    typeof value === 'string' && value.startsWith('seccomp=') ? 'seccomp=policies/seccomp.json' : value,
  );
  return JSON.parse(
    text
      .replaceAll(run, 'RUN')
      .replace(/RUN-\d+/g, 'RUN-N')
      .replace(/"factory\.seq":"\d+"/, '"factory.seq":"N"'),
  );
}
