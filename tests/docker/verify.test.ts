import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeByte, seal } from '../unit/verify/sealed-run.ts';
import { factory } from './line/factory.ts';
import { honest, REQUEST, rejection } from './line/replies.ts';
import { type ScriptedModel, scriptedModel } from './line/scripted-model.ts';
import { smallTarget } from './line/small-target.ts';

const main = join(import.meta.dirname, '../../build/orchestrator/cli/main.js');

interface Verified {
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly report: {
    ok: boolean;
    gates_run: boolean;
    code: string | null;
    checks: { what: string; ok: boolean | null; says: string }[];
  };
}

/** `factory verify` as a process of its own, with no model to be reached. */
function verify(run: string, target: string, ...flags: string[]): Verified {
  const ended = spawnSync(process.execPath, [main, 'verify', '--json', run, '-C', target, ...flags], {
    encoding: 'utf8',
    env: { ...process.env, OLLAMA_HOST: 'http://127.0.0.1:9' },
  });
  return { exitCode: ended.status, stderr: ended.stderr, report: ended.stdout === '' ? null : JSON.parse(ended.stdout) };
}

const wrong = ({ report }: Verified) => report.checks.filter(({ ok }) => ok === false).map(({ what, says }) => `${what}: ${says}`);
const git = (target: string, ...args: string[]) => execFileSync('git', ['-C', target, ...args], { encoding: 'utf8' }).trim();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let model: ScriptedModel;
let target: string;
let kept: string;

/** A run of today, made once: every test gets a copy of its folder. */
beforeAll(async () => {
  model = await scriptedModel(honest);
  target = smallTarget();
  const ended = await factory(['-C', target, ...model.flags, '--', REQUEST], { OLLAMA_HOST: model.host });
  expect(ended.result?.outcome).toBe('pr');
  kept = ended.folder as string;
});
afterAll(() => model.close());

function copy(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'factory-copy-')), 'run');
  cpSync(kept, folder, { recursive: true });
  return folder;
}

/** Change a file, then make everything in the folder agree with it again, as somebody who knows the format would. */
function forge(folder: string, change: (read: (path: string) => string, write: (path: string, text: string) => void) => void): void {
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
  change(read, write);
  const receipt = JSON.parse(read('receipt.json'));
  for (const name of ['source', 'tests']) receipt.sha256[name] = sha256(read(`evidence/${name}.patch`));
  receipt.sha256.change = sha256(read('change.patch'));
  write('receipt.json', JSON.stringify(receipt));
  seal(folder);
}

describe('factory verify', () => {
  test('runs every gate again over what was kept, asks no model, makes no branch, and all of it holds', () => {
    const branches = git(target, 'for-each-ref');
    const asked = model.asked.length;
    const verified = verify(copy(), target);
    expect(wrong(verified)).toEqual([]);
    expect(verified).toMatchObject({ exitCode: 0, report: { ok: true, gates_run: true, code: null } });
    const what = verified.report.checks.filter(({ ok }) => ok).map((check) => check.what);
    expect(what).toEqual(
      expect.arrayContaining(['trace.jsonl', 'files', 'base', 'commit', 'canaries failed', 'jail', 'tree', 'proof.json']),
    );
    expect(verified.report.checks.filter(({ ok }) => ok === null)).toEqual([]);
    expect(git(target, 'for-each-ref')).toBe(branches);
    expect(model.asked.length).toBe(asked);
    expect(execFileSync('docker', ['ps', '-a', '--format', '{{.Names}}'], { encoding: 'utf8' })).not.toContain('factory-verify-');
  });

  test.each(['trace.jsonl', 'change.patch', 'evidence/source.patch'])('refuses one changed byte in %s, and names the file', (path) => {
    const folder = copy();
    const bytes = readFileSync(join(folder, path));
    changeByte(join(folder, path), bytes.indexOf('a', Math.floor(bytes.length / 2)));
    const verified = verify(folder, target);
    expect(verified).toMatchObject({ exitCode: 1, report: { ok: false, gates_run: false, code: 'verify_mismatch' } });
    expect(wrong(verified)[0]).toMatch(new RegExp(`^${path}: `));
    expect(verified.stderr).toContain('verify_mismatch: The run’s folder does not say what the run did.');
    expect(verified.stderr).toContain(`  ${path}: `);
  });

  test('refuses a change that is worse than the one that was proven, though every hash was made to agree with it', () => {
    const folder = copy();
    forge(folder, (read, write) => {
      for (const path of ['evidence/source.patch', 'change.patch'])
        write(
          path,
          read(path).replace(
            'return total(prices) // len(prices) if prices else 0',
            'return total(prices) // len(prices) if prices else 1',
          ),
        );
    });
    const verified = verify(folder, target);
    expect(verified).toMatchObject({ exitCode: 1, report: { gates_run: true } });
    expect(wrong(verified)).toEqual([expect.stringMatching(/^gate TEST: tests_failed: /)]);
  });

  test('refuses compiled examples that are not what the Spec compiles to', () => {
    const folder = copy();
    forge(folder, (read, write) => {
      for (const path of ['evidence/tests.patch', 'change.patch'])
        write(path, read(path).replace('assert average([]) == 0', 'assert average([]) <= 0'));
    });
    expect(wrong(verify(folder, target))).toEqual([
      expect.stringMatching(/^gate TEST: protected_path: .*is not what the examples of the Spec compile to/),
    ]);
  });

  test('refuses a change with a line more that no test minds: it comes to another tree', () => {
    const folder = copy();
    forge(folder, (read, write) => {
      for (const path of ['evidence/source.patch', 'change.patch'])
        write(path, read(path).replace('The mean of the prices, rounded down.', 'The mean of the prices, rounded off.'));
    });
    expect(wrong(verify(folder, target))).toContainEqual(expect.stringMatching(/^tree: .*and the receipt says/));
  });

  test('refuses a trace that was written again from its first line: the commit holds another', () => {
    const folder = copy();
    forge(folder, (read, write) => {
      let prev = '0'.repeat(64);
      const heads = new Map<string, string>();
      const lines = read('trace.jsonl').trimEnd().split('\n');
      const again = lines.map((line) => {
        const rewritten = JSON.stringify({ ...JSON.parse(line.replace(/"ms":(\d)/, '"ms":1$1')), prev });
        prev = sha256(rewritten);
        heads.set(sha256(line), prev);
        return rewritten;
      });
      write('trace.jsonl', `${again.join('\n')}\n`);
      write(
        'pr.md',
        read('pr.md').replace(/[0-9a-f]{64}/g, (hash) => heads.get(hash) ?? hash),
      );
    });
    expect(wrong(verify(folder, target, '--quick'))).toEqual([expect.stringMatching(/^commit: .* names a trace that is not this one/)]);
  });

  test('says which commit it misses in a repository that does not hold the base', () => {
    const verified = verify(copy(), smallTarget({ 'more.txt': 'another history\n' }));
    expect(verified.exitCode).toBe(1);
    expect(wrong(verified)).toEqual([expect.stringMatching(/^base: commit [0-9a-f]{12} with its target is not in the repository/)]);
  });

  test('has nothing to say of a run that did not end in a PR', async () => {
    const rejecting = await scriptedModel({ ...honest, REVIEW: [rejection] });
    const ended = await factory(['-C', target, ...rejecting.flags, '--', REQUEST], { OLLAMA_HOST: rejecting.host });
    rejecting.close();
    const verified = verify(ended.folder as string, target);
    expect(verified.exitCode).toBe(2);
    expect(verified.stderr).toContain('ended as failed (review_rejected) and has no receipt');
  });
});
