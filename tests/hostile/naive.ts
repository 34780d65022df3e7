import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Files } from './target.ts';

/** What a runner without any defence believes. */
export interface NaiveRun {
  /** The exit code, which it takes for the verdict. */
  readonly code: number;
  readonly output: string;
  /** Tests that its JUnit file calls passed; -1 without such a file. */
  readonly passed: number;
  /** Percent that the coverage file says; -1 without one. */
  readonly coverage: number;
}

/** The same tools in the same image, started the way most people start them: in the tree, with its own configuration, everything trusted. */
export interface Naive {
  run(files: Files, command: string): Promise<NaiveRun>;
  /** `pytest` with JUnit and coverage, as in any CI. */
  pytest(files: Files, more?: string): Promise<NaiveRun>;
  close(): void;
}

const RUNNER = `
import json, os, subprocess, sys, tempfile, xml.etree.ElementTree as xml
given = json.load(sys.stdin)
folder = tempfile.mkdtemp()
for path, text in given["files"].items():
    full = os.path.join(folder, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", newline="") as file:
        file.write(text)
environment = {**os.environ, "PYTHONPATH": ".", "HOME": folder}
done = subprocess.run(["/bin/sh", "-c", given["command"]], cwd=folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
passed, coverage = -1, -1
try:
    cases = list(xml.parse(os.path.join(folder, "junit.xml")).iter("testcase"))
    passed = sum(not [part for part in case if part.tag in ("failure", "error", "skipped")] for case in cases)
except (OSError, xml.ParseError):
    pass
try:
    coverage = json.load(open(os.path.join(folder, "coverage.json")))["totals"]["percent_covered"]
except (OSError, ValueError):
    pass
print(json.dumps({"code": done.returncode, "output": (done.stdout + done.stderr).decode(errors="replace")[-4000:], "passed": passed, "coverage": coverage}))
`;

export function openNaive(image: string): Naive {
  const id = execFileSync(
    'docker',
    ['run', '--detach', '--rm', '--init', '--label', `factory.run=hostile-naive-${randomBytes(4).toString('hex')}`, image, 'sleep', '3600'],
    {
      encoding: 'utf8',
    },
  ).trim();
  const run = (files: Files, command: string): Promise<NaiveRun> =>
    new Promise((resolve, reject) => {
      const child = execFile(
        'docker',
        ['exec', '--interactive', id, '/opt/venv/bin/python', '-c', RUNNER],
        { maxBuffer: 10_000_000 },
        (error, stdout, stderr) => {
          if (error !== null) return reject(new Error(`${error.message} ${stderr}`));
          resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as NaiveRun);
        },
      );
      child.stdin?.end(JSON.stringify({ files, command }));
    });
  return {
    run,
    pytest: (files, more = '') =>
      run(files, `python -m pytest -q --junitxml=junit.xml --cov=prices --cov-report=json:coverage.json ${more}`.trim()),
    close: () => void execFileSync('docker', ['rm', '--force', '--volumes', id], { stdio: 'ignore' }),
  };
}
