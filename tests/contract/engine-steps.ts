import type { Behaviour } from '../../orchestrator/adapters/engine/fake/fake.ts';

/** What a container of the contract suite does, one after the other. */
export type Step =
  | { readonly print: string }
  | { readonly printError: string }
  /** So many bytes on stdout. */
  | { readonly flood: number }
  /** Every line of stdin back on stdout, to its end. */
  | { readonly echo: true }
  | { readonly read: string }
  | { readonly write: string; readonly content: string }
  | { readonly write: string; readonly fill: number }
  /** A file, or a folder with all in it. */
  | { readonly remove: string }
  | { readonly sleep: number }
  | { readonly ignoreStop: true }
  /** So many bytes of memory. */
  | { readonly take: number }
  | { readonly exit: number };

/** The steps as a program for a real container: `python3 -c PROGRAM '<steps as JSON>'`. A failed file operation ends it with code 1. */
export const PROGRAM = `
import json, os, shutil, signal, sys, time
for step in json.loads(sys.argv[1]):
    if 'print' in step: os.write(1, step['print'].encode())
    elif 'printError' in step: os.write(2, step['printError'].encode())
    elif 'flood' in step:
        left = step['flood']
        while left > 0: left -= os.write(1, b'x' * min(left, 65536))
    elif 'echo' in step:
        for line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.buffer.flush()
    elif 'read' in step: os.write(1, open(step['read'], 'rb').read())
    elif 'write' in step:
        with open(step['write'], 'wb') as f: f.write(step['content'].encode() if 'content' in step else b'x' * step['fill'])
    elif 'remove' in step: (shutil.rmtree if os.path.isdir(step['remove']) else os.remove)(step['remove'])
    elif 'sleep' in step: time.sleep(step['sleep'] / 1000)
    elif 'ignoreStop' in step: signal.signal(signal.SIGTERM, signal.SIG_IGN)
    elif 'take' in step: taken = b'x' * step['take']
    elif 'exit' in step: sys.exit(step['exit'])
`;

/** The same for the fake. */
export const interpret: Behaviour = async (spec, io) => {
  for (const step of JSON.parse(spec.command[3] ?? '[]') as Step[]) {
    if ('print' in step) io.print(step.print);
    else if ('printError' in step) io.printError(step.printError);
    else if ('flood' in step)
      for (let left = step.flood; left > 0; left -= 65_536) io.print(new Uint8Array(Math.min(left, 65_536)).fill(120));
    else if ('echo' in step) for await (const line of io.lines) io.print(`${line}\n`);
    else if ('read' in step) io.print(io.files.mustRead(step.read));
    else if ('write' in step) io.files.write(step.write, 'content' in step ? step.content : new Uint8Array(step.fill));
    else if ('remove' in step) io.files.remove(step.remove);
    else if ('sleep' in step) await io.sleep(step.sleep);
    else if ('ignoreStop' in step) io.ignoreStop();
    else if ('take' in step && step.take > spec.memoryBytes) return { code: 137, oomKilled: true };
    else if ('exit' in step) return step.exit;
  }
  return 0;
};
