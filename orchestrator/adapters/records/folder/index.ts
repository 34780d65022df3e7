import { appendFileSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../../domain/failure.ts';
import { type Redactor, redactor as redactorOf } from '../../../domain/redact.ts';
import type { Records } from '../../../ports/records.ts';

const NO_SECRETS = redactorOf([]);

/**
 * A run's records as files in a folder on the host, without secrets: whoever appends a stream that may cut one in two takes them out himself.
 */
export function folderRecords(options: { readonly path: string; readonly shownAs: string; readonly redactor?: Redactor }): Records {
  const { redactor = NO_SECRETS } = options;
  const place = (path: string) => {
    const full = join(options.path, path);
    mkdirSync(dirname(full), { recursive: true });
    return full;
  };

  function write(path: string, content: string | Uint8Array): void {
    guarded(path, () => {
      const full = place(path);
      const part = `${full}.part`;
      const file = openSync(part, 'w');
      try {
        const bytes = typeof content === 'string' ? new TextEncoder().encode(redactor.text(content)) : redactor.bytes(content);
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(part, full);
    });
  }

  return {
    folder: options.shownAs,
    write,
    writeJson: (path, value) => write(path, `${JSON.stringify(value, null, 2)}\n`),
    append: (path, content) => guarded(path, () => appendFileSync(place(path), redactor.bytes(content))),
    read(path) {
      try {
        return readFileSync(join(options.path, path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
  };
}

function guarded(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new Failure('disk', `${path} could not be written: ${(error as Error).message}`, { cause: error });
  }
}
