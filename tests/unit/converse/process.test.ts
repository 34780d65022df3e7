import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { converse } from '../../../orchestrator/pipeline/converse.ts';
import type { RunningContainer } from '../../../orchestrator/ports/engine.ts';
import { contentOf, temporaryFolder, treeOf } from '../agent/temporary-tree.ts';
import { conversation, turn } from './asked.ts';

let program: string;

beforeAll(async () => {
  const bundled = await build({
    entryPoints: ['images/agent/build.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  program = bundled.outputFiles[0]?.text ?? '';
});

/** The program of BUILD's image as a process of its own. */
function startProgram(): { child: ChildProcessWithoutNullStreams; container: RunningContainer; errors: () => string } {
  const file = join(temporaryFolder(), 'agent.mjs');
  writeFileSync(file, program);
  const child = spawn(process.execPath, [file], { env: {} });
  child.stdin.on('error', () => undefined); // Writing to an ended container is ignored.
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const container: RunningContainer = {
    id: String(child.pid),
    stdout: child.stdout,
    stderr: child.stderr,
    exit: new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? 137, oomKilled: false, killedFor: null }))),
    write: (text) => new Promise((resolve) => child.stdin.write(text, () => resolve())),
    closeInput: () => void child.stdin.end(),
    kill: async () => void child.kill('SIGKILL'),
    remove: async () => void child.kill('SIGKILL'),
  };
  return { child, container, errors: () => errors };
}

describe('the program of an agent, as a process', () => {
  it('serves a whole conversation over its stdin and stdout and then ends', async () => {
    const tree = treeOf({ 'app/a.py': 'x = 1\n' });
    const edit = { tool: 'replace_text', path: 'app/a.py', find: 'x = 1', replace: `x = '${'é'.repeat(3000)}'` };
    const replies = [
      turn({
        look: [
          { tool: 'grep', pattern: 'x' },
          { tool: 'read_file', path: '../etc/passwd' },
        ],
      }),
      turn({ edits: [edit] }),
    ];
    const start = { type: 'start', roots: tree.roots, max_read_bytes: 10_000, max_file_bytes: 10_000 } as const;
    const { c, asked } = conversation(replies, { start });
    const { container, errors } = startProgram();
    expect(await converse(container, c)).toMatchObject({ accepted: true, turns: 2 });
    expect((await container.exit).code).toBe(0);
    expect(asked[1]?.messages.at(-1)?.content).toContain('app/a.py:1: x = 1\n\n[2] read_file ../etc/passwd\nerror: `..` is not allowed');
    expect(contentOf(tree, 'app/a.py')).toHaveLength(3007);
    expect(errors()).toBe('build: turn 1: 1 done, 1 refused\nbuild: turn 2: 1 done, 0 refused, handed over\n');
  });

  it('ends at once when the host is gone', async () => {
    const { child, container } = startProgram();
    child.stdout.resume();
    child.stdin.end();
    expect((await container.exit).code).toBe(1);
  });

  it('ends with a short word when the host talks nonsense', async () => {
    const { child, container, errors } = startProgram();
    child.stdout.resume();
    child.stdin.write('{"type":"verdict"}\n');
    expect((await container.exit).code).toBe(1);
    expect(errors()).toMatch(/^build: protocol_invalid: .{1,300}\n$/);
  });

  it('is reported dead when it was killed', async () => {
    const { child, container } = startProgram();
    const { c } = conversation([], {
      ask: async () => {
        child.kill('SIGKILL');
        return {
          text: JSON.stringify(turn()),
          servedBy: 't/o',
          tokensIn: 1,
          tokensOut: 1,
          estimated: false,
          costUsd: 0,
          ms: 1,
          replayed: null,
        };
      },
    });
    await expect(converse(container, c)).rejects.toMatchObject({ code: 'agent_died', detail: expect.stringContaining('exit code 137') });
  });
});
