import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { factoryRuns } from './door.ts';
import { emptyFolder, event, KEPT, keptRuns, make, ROOT, stageEvent } from './made.ts';

const GOOD = 'every-answer-api-1f79';

/** A whole run beside whatever is made of a copy of another. */
function brokenBy(damage: (place: string) => void): string {
  const folder = keptRuns([GOOD]);
  const place = join(folder, 'broken-0001');
  mkdirSync(join(place, 'evidence'), { recursive: true });
  for (const file of ['request.txt', 'result.json', 'trace.jsonl', 'evidence/spec.json'])
    cpSync(join(ROOT, 'runs/greatest-page-size-4df8', file), join(place, file));
  const result = JSON.parse(readFileSync(join(place, 'result.json'), 'utf8'));
  writeFileSync(join(place, 'result.json'), JSON.stringify({ ...result, run: 'broken-0001' }));
  damage(place);
  return folder;
}

const DAMAGES: readonly {
  readonly what: string;
  readonly said: RegExp;
  readonly shown: RegExp;
  readonly damage: (place: string) => void;
}[] = [
  {
    what: 'a last line of the trace that is cut',
    said: /broken-0001: trace\.jsonl, line \d+ is cut/,
    shown: /^broken-0001 +PR +Pages of up to 200 +\? /m,
    damage: (place) => writeFileSync(join(place, 'trace.jsonl'), readFileSync(join(place, 'trace.jsonl')).subarray(0, -200)),
  },
  {
    what: 'lines of the trace that are no events',
    said: /broken-0001: trace\.jsonl, line \d+ is no event, and 2 more/,
    shown: /^broken-0001 +PR /m,
    damage: (place) => appendFileSync(join(place, 'trace.jsonl'), 'null\n{"type":"stage"}\n[[[[\n'),
  },
  {
    what: 'a line of the trace without an end',
    said: /broken-0001: trace\.jsonl, line \d+ is longer than 1048576 bytes/,
    shown: /^broken-0001 +PR /m,
    damage: (place) => appendFileSync(join(place, 'trace.jsonl'), 'x'.repeat(1_200_000)),
  },
  {
    what: 'no trace',
    said: /broken-0001: trace\.jsonl is missing/,
    shown: /^broken-0001 +PR /m,
    damage: (place) => rmSync(join(place, 'trace.jsonl')),
  },
  {
    what: 'no result, since the process died',
    said: /broken-0001: there is no result\.json: the process ended before the run did \(\d+ events, the last stage that ended was PR\)/,
    shown: /^broken-0001 +died after PR +Pages of up to 200 /m,
    damage: (place) => rmSync(join(place, 'result.json')),
  },
  {
    what: 'a result of another form',
    said: /broken-0001: result\.json cannot be read: outcome: /,
    shown: /^broken-0001 +died after PR /m,
    damage: (place) => writeFileSync(join(place, 'result.json'), JSON.stringify({ run: 'broken-0001', outcome: 'great' })),
  },
  {
    what: 'a result that is no JSON',
    said: /broken-0001: result\.json cannot be read/,
    shown: /^broken-0001 +died after PR /m,
    damage: (place) => writeFileSync(join(place, 'result.json'), '{"run"'),
  },
  {
    what: 'a result that is a link to elsewhere',
    said: /broken-0001: result\.json is a link/,
    shown: /^broken-0001 +died after PR /m,
    damage(place) {
      rmSync(join(place, 'result.json'));
      symlinkSync('/etc/passwd', join(place, 'result.json'));
    },
  },
  {
    what: 'a trace that is a named pipe, which nobody writes to',
    said: /broken-0001: trace\.jsonl is no plain file/,
    shown: /^broken-0001 +PR /m,
    damage(place) {
      rmSync(join(place, 'trace.jsonl'));
      execFileSync('mkfifo', [join(place, 'trace.jsonl')]);
    },
  },
  {
    what: 'a folder where a file should be',
    said: /broken-0001: evidence\/spec\.json is no plain file/,
    shown: /^broken-0001 +PR +The greatest page size/m,
    damage(place) {
      rmSync(join(place, 'evidence/spec.json'));
      mkdirSync(join(place, 'evidence/spec.json'));
    },
  },
  {
    what: 'the result of another run',
    said: /broken-0001: result\.json is of the run somebody-else/,
    shown: /^broken-0001 +PR /m,
    damage(place) {
      const result = JSON.parse(readFileSync(join(place, 'result.json'), 'utf8'));
      writeFileSync(join(place, 'result.json'), JSON.stringify({ ...result, run: 'somebody-else' }));
    },
  },
];

describe.each(DAMAGES)('a run with $what', ({ said, shown, damage }) => {
  it('is listed with what can be read, and named', async () => {
    const { out, err, failed } = await factoryRuns(['list', '--runs', brokenBy(damage)]);
    expect(out).toMatch(shown);
    expect(out).toContain(GOOD);
    expect(err).toMatch(said);
    expect(err.split('\n')).toHaveLength(2);
    expect(failed).toBeNull();
  });

  it('is left out of the figures, and named', async () => {
    const { out, err, failed } = await factoryRuns(['stats', '--runs', brokenBy(damage)]);
    expect(out).toMatch(/^1 run that ended$/m);
    expect(err).toMatch(/^not counted: broken-0001: /);
    expect(err).toMatch(said);
    expect(failed).toBeNull();
  });

  it('has a page that says so', async () => {
    const { out, failed } = await factoryRuns(['show', 'broken', '--runs', brokenBy(damage)], 400);
    expect(`broken-0001: ${/^! (.*)$/m.exec(out)?.[1]}`).toMatch(said);
    expect(failed).toBeNull();
  });

  it('does not keep its containers from being shown', async () => {
    expect((await factoryRuns(['logs', 'broken', '--stage', 'BUILD', '--runs', brokenBy(damage)])).failed).toBeNull();
  });
});

describe('what is no run', () => {
  it('is named with the reason, and nothing else is said of it', async () => {
    const folder = keptRuns([GOOD]);
    for (const name of ['notes.txt', 'README.md', 'bundled', '.gitignore']) writeFileSync(join(folder, name), 'x');
    mkdirSync(join(folder, 'empty'));
    symlinkSync(join(ROOT, 'runs/plans'), join(folder, 'plans'));
    symlinkSync('/nowhere', join(folder, 'dangling'));
    const { out, err } = await factoryRuns(['list', '--runs', folder]);
    expect(out.match(/1f79/g)).toHaveLength(1);
    expect(err.split('\n')).toEqual([
      'no run: dangling: it is no folder',
      'no run: empty: it holds neither trace.jsonl nor result.json',
      'no run: notes.txt: it is no folder',
      `no run: plans: it holds 30 runs of its own: --runs ${join(folder, 'plans')}`,
      '',
    ]);
  });

  it('a run that is at work is listed as such, and is not broken', async () => {
    const folder = emptyFolder();
    const place = make(folder, { run: 'working-0001', result: null });
    writeFileSync(join(place, 'owner'), `${process.pid}\n`);
    appendFileSync(join(place, 'trace.jsonl'), '{"half":');
    const { out, err } = await factoryRuns(['list', '--runs', folder]);
    expect(out).toMatch(/^working-0001 +at work /m);
    expect(err).toBe('');
  });
});

describe('text of others', () => {
  const EVIL = '\u001b[2J\u001b]0;t\u0007 \u202egnp.exe \u009b31m \r\b\u2028 \u{e0041}';
  const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
  const ALL = ['list', 'list --failed', 'list --code bug', 'show evil', 'logs evil', 'logs evil --stage BUILD', 'stats'];

  /** A run every text of which is hostile; its container too. */
  function hostile(): string {
    const folder = emptyFolder();
    const run = 'evil-0001';
    const data = { kind: `build${EVIL}`, folder: 'evidence/01-build-1', exit_code: 1, killed_for: EVIL, ms: 1 };
    const place = make(folder, {
      run,
      request: `Do it. ${EVIL}\n${EVIL}`,
      result: { outcome: 'failed', stage: `BUILD${EVIL}`, code: 'bug', reason: `${EVIL}\n${EVIL}`, jail: EVIL, branch: EVIL, commit: EVIL },
      turns: [{ stage: `BUILD${EVIL}`, servedBy: `ollama/a${EVIL}`, tokens: [1, 1] }],
      events: [
        stageEvent(run, `BUILD${EVIL}`, { eval_ok: false, code: EVIL, detail: EVIL, model: EVIL, served_by: EVIL }),
        event(run, 'rework', { stage: EVIL, data: { to: EVIL, code: EVIL, reason: EVIL } }),
        event(run, 'fact', { stage: EVIL, data: { name: EVIL, holds: false, code: EVIL } }),
        event(run, 'container', { stage: 'BUILD', data: { ...data, kind: 'build' } }),
        event(run, 'container', { stage: `BUILD${EVIL}`, data: { ...data, folder: `evidence/${EVIL}` } }),
        event(run, 'container', { stage: 'BUILD', data: { ...data, kind: 'format', folder: '../../../../etc' } }),
      ],
    });
    mkdirSync(join(place, 'evidence/01-build-1'));
    writeFileSync(
      join(place, 'evidence/01-build-1/create.json'),
      JSON.stringify({ engine: { Image: EVIL, User: EVIL, Env: [EVIL], HostConfig: { NetworkMode: EVIL } } }),
    );
    writeFileSync(join(place, 'evidence/01-build-1/container.log'), `${EVIL}\n`.repeat(3));
    writeFileSync(join(place, 'change.patch'), `diff --git a/${EVIL} b/${EVIL}\n--- a/x\n+++ b/${EVIL}\n@@ -1 +1 @@\n-a\n+${EVIL}\n`);
    writeFileSync(join(folder, `odd ${EVIL.replaceAll('/', '')}`), '');
    return folder;
  }

  it.each(ALL)('does nothing on a terminal: runs %s', async (command) => {
    const { out, err, failed } = await factoryRuns([...command.split(' '), '--runs', hostile()]);
    expect(out).not.toMatch(UNSEEN);
    expect(err).not.toMatch(UNSEEN);
    expect(`${out}${err}`).toContain('\\x1b');
    expect(failed).toBeNull();
  });

  it.each(ALL)('is one line of JSON: runs %s --json', async (command) => {
    const { out } = await factoryRuns([...command.split(' '), '--json', '--runs', hostile()]);
    expect(out.replace(/\n$/, '')).not.toMatch(/\n/);
    expect(out).not.toMatch(UNSEEN);
    expect(JSON.parse(out)).toBeTypeOf('object');
  });

  it('a trace cannot name files outside of its run', async () => {
    const { out } = await factoryRuns(['logs', 'evil', '--kind', 'format', '--runs', hostile()]);
    expect(out).toContain('the trace names no folder of the run');
    expect(out).toContain('printed nothing');
  });

  it('a create request that opens something says so in capitals', async () => {
    const folder = emptyFolder();
    const data = { kind: 'build', folder: 'evidence/01-build-1', exit_code: 0, killed_for: null, ms: 1 };
    const place = make(folder, { run: 'open-0001', events: [event('open-0001', 'container', { stage: 'BUILD', data })] });
    mkdirSync(join(place, 'evidence/01-build-1'));
    const HostConfig = {
      NetworkMode: 'bridge',
      Privileged: true,
      CapAdd: ['SYS_ADMIN'],
      SecurityOpt: ['seccomp=unconfined'],
      Binds: ['/:/host'],
    };
    writeFileSync(join(place, 'evidence/01-build-1/create.json'), JSON.stringify({ engine: { HostConfig } }));
    const { out } = await factoryRuns(['logs', 'last', '--stage', 'BUILD', '--runs', folder], 300);
    for (const words of [
      'OPEN: bridge',
      'as user root',
      'PRIVILEGED',
      'root WRITABLE',
      'dropped: NONE, ADDED: SYS_ADMIN',
      'NEW PRIVILEGES POSSIBLE',
      'seccomp UNCONFINED',
      'BOUND /:/host',
      'memory WITHOUT LIMIT',
    ])
      expect(out).toContain(words);
  });

  it('of a long log the beginning and the end are shown, and where the rest is', async () => {
    const folder = emptyFolder();
    const data = { kind: 'build', folder: 'evidence/01-build-1', exit_code: 0, killed_for: null, ms: 1 };
    const place = make(folder, { run: 'long-0001', events: [event('long-0001', 'container', { stage: 'BUILD', data })] });
    mkdirSync(join(place, 'evidence/01-build-1'));
    writeFileSync(
      join(place, 'evidence/01-build-1/container.log'),
      ['FIRST', ...Array(20_000).fill('y'.repeat(99)), 'LAST', ''].join('\n'),
    );
    const { out } = await factoryRuns(['logs', 'last', '--stage', 'BUILD', '--runs', folder]);
    const printed = out.slice(out.indexOf('printed')).trimEnd().split('\n');
    expect([printed[1], printed.at(-1)]).toEqual(['  | FIRST', '  | LAST']);
    expect(printed.find((line) => line.includes('left out'))).toMatch(
      /… 1,868,\d{3} bytes are left out here: .*01-build-1\/container\.log$/,
    );
    expect(out.length).toBeLessThan(300_000);
  });
});

it('every kept run that these tests name is whole', async () => {
  const { out } = await factoryRuns(['list', '--json', '--runs', keptRuns(KEPT)]);
  for (const { run, problems } of JSON.parse(out).runs) expect([run, problems]).toEqual([run, []]);
});
