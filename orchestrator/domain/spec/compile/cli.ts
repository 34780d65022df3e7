import type { CliExample } from '../../spec.ts';
import { type Expression, layOut } from '../python/layout.ts';
import { INDENT, type TestBody } from './function.ts';

/** One command as the inside of a test function: the module runs in a Python of its own that finds what the tests find. */
export function compileCli({ argv, then }: CliExample): TestBody {
  const command: Expression = {
    open: '[',
    items: ['sys.executable', '"-m"', ...argv.map((text): Expression => ({ parts: [text] }))],
    close: ']',
  };
  const run: Expression = {
    open: 'subprocess.run(',
    items: [
      command,
      { before: 'env=', value: '{**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}' },
      'capture_output=True',
      'text=True',
      'timeout=60',
      'check=False',
    ],
    close: ')',
  };
  const checks = (then.stdout_contains ?? []).map((text): Expression => ({ before: 'assert ', value: { parts: [text] } }));
  return {
    decorator: null,
    parameters: [],
    lines: [
      statement({ before: 'ended = ', value: run }),
      '',
      statement(`assert ended.returncode == ${then.exit}, ended.stderr`),
      ...checks.map((check) => `${' '.repeat(INDENT)}${layOut(check, INDENT, ' in ended.stdout'.length)} in ended.stdout`),
    ],
    imports: ['import os', 'import subprocess', 'import sys'],
  };
}

const statement = (expression: Expression): string => ' '.repeat(INDENT) + layOut(expression, INDENT);
