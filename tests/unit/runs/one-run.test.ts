import { describe, expect, it } from 'vitest';
import { factoryRuns } from './door.ts';
import { emptyFolder, event, keptRuns, make, stageEvent } from './made.ts';

describe('factory runs show', () => {
  it('is a page about one run, found by the beginning of its name', async () => {
    const { out } = await factoryRuns(['show', 'warehouse-staff-see-3', '--runs', keptRuns()]);
    expect(out).toMatch(/^run warehouse-staff-see-3da0 {3}PR$/m);
    expect(out).toMatch(/^request\n {2}Warehouse staff want to see what is running out\./m);
    expect(out).toMatch(/^ {2}C2 {2}new +WHEN the query parameter threshold/m);
    expect(out).toMatch(/^ {2}ok {2}BUILD +1 +1m02s +4,855 +510 +\$0\.00 +relay\/relay-builder +3 files changed, 1 check$/m);
    expect(out).toContain('  25 of 25 hold: green');
    expect(out).toContain('  approve: 3 of 3 criteria hold');
    expect(out).toContain('change: 6 files +394 -1\n');
    expect(out).toContain('  10 of 10 probes held');
    expect(out).toMatch(/warehouse-staff-see-3da0\/trace\.jsonl +all that happened$/m);
  });

  it('shows each rework with its reason', async () => {
    const folder = emptyFolder();
    const rework = { to: 'BUILD', cause: 'finding', code: 'validate_failed', reason: 'mypy app/a.py:4', used: 1, budget: 3 };
    make(folder, {
      run: 'reworked-0001',
      result: { reworks: 1 },
      events: [
        stageEvent('reworked-0001', 'VALIDATE', { eval_ok: false, code: 'validate_failed', detail: 'mypy app/a.py:4' }),
        event('reworked-0001', 'rework', { stage: 'VALIDATE', data: rework }),
      ],
    });
    const { out } = await factoryRuns(['show', 'last', '--runs', folder]);
    expect(out).toMatch(/^run reworked-0001 {3}PR {3}1 rework$/m);
    expect(out).toContain('  1. VALIDATE -> BUILD, validate_failed: mypy app/a.py:4\n');
    expect(out).toMatch(/^ {2}no {2}VALIDATE +1 .* validate_failed: mypy/m);
  });

  it('says why a run failed, and that its figures are no model’s', async () => {
    const { out } = await factoryRuns(['show', 'greatest-page-size-f', '--runs', keptRuns()]);
    expect(out).toMatch(/^run greatest-page-size-f23d {3}failed BUILD spec_ambiguous$/m);
    expect(out).toContain('out (estimates), $0.00, 3m03s (not the time of a model)\nserved by relay/relay-builder\n');
    expect(out).toContain('  C1, tests/test_api_basics.py:56: The row');
  });

  it('`last` is the run that began latest', async () => {
    const { out } = await factoryRuns(['show', 'last', '--runs', keptRuns()]);
    expect(out).toMatch(/^run greatest-page-size-4df8 /);
  });

  it('a beginning that fits several names them; one that fits none is run_unknown; both end with 2', async () => {
    const folder = keptRuns();
    const several = await factoryRuns(['show', 'warehouse', '--runs', folder]);
    expect(several).toMatchObject({ failed: 'usage', exit: 2, out: '' });
    expect(several.detail).toContain('warehouse-staff-see-3da0, warehouse-staff-see-b20d');
    for (const wanted of ['nothing', '', '../runs', '..', '/etc']) {
      expect(await factoryRuns(['show', wanted, '--runs', folder, '--json'])).toMatchObject({
        failed: 'run_unknown',
        exit: 2,
        json: true,
        out: '',
      });
    }
  });

  it('--json has all of it in one object', async () => {
    const { out } = await factoryRuns(['show', 'every', '--json', '--runs', keptRuns()]);
    expect(JSON.parse(out)).toMatchObject({
      run: 'every-answer-api-1f79',
      result: { outcome: 'pr' },
      spec: { title: expect.any(String) },
      review: { verdict: 'approve' },
      trace: { attempts: expect.any(Array), containers: expect.any(Array) },
      change: { files: expect.any(Array) },
    });
  });
});

describe('factory runs logs', () => {
  it('--stage shows what its container was allowed, as it was asked of the engine, and what it printed', async () => {
    const { out } = await factoryRuns(['logs', 'warehouse-staff-see-3', '--stage', 'build', '--runs', keptRuns()], 200);
    expect(out).toContain('BUILD, attempt 1: build   evidence/20-build-1\n');
    expect(out).toMatch(/^ {4}runs +node \/agent\/agent\.mjs in \/work of factory\/build:5acf85745d8d, as user 10001:10001$/m);
    expect(out).toMatch(/^ {4}network +none, disabled$/m);
    expect(out).toMatch(
      /^ {4}rights +not privileged, root read-only, capabilities dropped: ALL, no-new-privileges, seccomp profile of its own/m,
    );
    expect(out).toMatch(/^ {4}reads +\/work\/tests \(volume /m);
    expect(out).toMatch(/^ {4}writes +\/work \(volume .*, \/tmp \(in memory: .*noexec.*$/m);
    expect(out).toMatch(/^ {4}limits +memory 192 MB without swap, processors 1, processes 32, /m);
    expect(out).toContain('  | build: turn 1: 4 done, 0 refused, handed over\n');
    expect(out).toContain('the stage also used 2 format containers, 3 validate containers, 1 test-running container');
    expect(out).not.toContain('format-1\n');
  });

  it('--kind shows the tools’ containers too', async () => {
    const { out } = await factoryRuns([
      'logs',
      'warehouse-staff-see-3',
      '--stage',
      'BUILD',
      '--kind',
      'test-running',
      '--runs',
      keptRuns(),
    ]);
    expect(out).toContain('BUILD, attempt 1: test-running   evidence/30-test-running-1\n');
    expect(out).not.toContain('20-build-1');
  });

  it('without a stage lists every container of the run', async () => {
    const { out } = await factoryRuns(['logs', 'warehouse-staff-see-3', '--runs', keptRuns()]);
    expect(out.match(/evidence\/\d+-[a-z-]+-\d+$/gm)).toHaveLength(31);
  });

  it('--json has the create request itself', async () => {
    const { out } = await factoryRuns(['logs', 'warehouse-staff-see-3', '--stage', 'BUILD', '--json', '--runs', keptRuns()]);
    const { containers } = JSON.parse(out);
    expect(containers).toHaveLength(1);
    expect(containers[0]).toMatchObject({
      kind: 'build',
      exitCode: 137,
      request: { User: '10001:10001', HostConfig: { NetworkMode: 'none', CapDrop: ['ALL'] } },
      printed: { head: expect.stringContaining('handed over'), between: 0 },
    });
  });

  it('a stage that had no container says so', async () => {
    expect(await factoryRuns(['logs', 'people-sort-products-e', '--stage', 'REVIEW', '--runs', keptRuns()])).toMatchObject({
      out: 'the trace tells of no such container\n',
      failed: null,
    });
  });
});
