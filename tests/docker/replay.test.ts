import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { factory, left } from './line/factory.ts';

const root = join(import.meta.dirname, '../..');
const bundled = readFileSync(join(root, 'runs/bundled'), 'utf8').trim();
const recorded = (file: string) => JSON.parse(readFileSync(join(root, 'runs', bundled, file), 'utf8'));

describe('the bundled run', () => {
  test('goes down the line again without a model, through every gate, to the very same tree', async () => {
    const clone = join(mkdtempSync(join(tmpdir(), 'factory-clone-')), 'a clone');
    execFileSync('git', ['clone', '--quiet', root, clone]);
    const ended = await factory(['-C', clone, '--replay', 'bundled', '--strict'], { OLLAMA_HOST: 'http://127.0.0.1:9999' });
    expect(ended.stderr).toContain('no model is asked');
    expect(ended.stderr).not.toMatch(/about .* tokens/);
    expect(ended).toMatchObject({
      exitCode: 0,
      result: { outcome: 'pr', replayed: 'fresh', reworks: recorded('result.json').reworks, cost_usd: 0 },
    });
    const { run, branch } = ended.result as { run: string; branch: string };
    expect(execFileSync('git', ['-C', clone, 'rev-parse', `${branch}:target-app`], { encoding: 'utf8' }).trim()).toBe(
      recorded('receipt.json').head_tree,
    );
    expect(ended.result?.served_by.every((name) => name.startsWith('replay of relay/'))).toBe(true);
    expect(left(run)).toEqual([]);
  });
});
