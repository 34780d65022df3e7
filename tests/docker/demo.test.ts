import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const main = join(import.meta.dirname, '../../build/orchestrator/cli/main.js');

// Minutes of containers, and each part of it is tested by itself elsewhere: in `make test-long` and `make demo`.
test.skipIf(process.env.FACTORY_LONG === undefined)(
  'the demo: a naive runner is green four times; the factory makes one PR and gives three codes, and two changed bytes are refused',
  {
    timeout: 900_000,
  },
  () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'demo'], {
      encoding: 'utf8',
      env: { ...process.env, OLLAMA_HOST: 'http://127.0.0.1:9' },
    });
    expect(stderr).toContain('naive runner: green, green, green, green');
    expect(stdout.match(/GREEN/g)).toHaveLength(4);
    expect(stdout.match(/ {2}PR$/gm)).toHaveLength(1);
    expect(stdout.match(/NO {2}\w+/g)).toEqual(['NO  canary_silent', 'NO  protected_path', 'NO  unrequested_change']);
    expect(stdout.match(/an attack, by us/g)).toHaveLength(3);
    expect(stdout).toMatch(/one byte of trace\.jsonl changed: factory verify refuses, verify_mismatch\n {4}trace\.jsonl: /);
    expect(stdout).toMatch(/one byte of change\.patch changed: factory verify refuses, verify_mismatch\n {4}change\.patch: /);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(status, stderr).toBe(0);
  },
);
