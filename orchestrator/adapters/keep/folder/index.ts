import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../domain/failure.ts';
import { type Json, json } from '../../../domain/json.ts';
import type { Keep } from '../../../ports/keep.ts';

/** Kept results as files in a folder. A file that cannot be read counts as absent: it is measured again. */
export function folderKeep(folder: string): Keep {
  const path = (key: string, ending: string) => {
    if (!/^[0-9a-z-]{1,120}$/.test(key)) throw new Failure('bug', `not a key: ${key}`);
    return join(folder, `${key}.${ending}`);
  };
  const read = (file: string): Uint8Array | null => {
    try {
      return readFileSync(file);
    } catch {
      return null;
    }
  };
  const write = (file: string, content: string | Uint8Array): void => {
    try {
      mkdirSync(folder, { recursive: true });
      const part = `${file}.${process.pid}.part`;
      writeFileSync(part, content);
      renameSync(part, file);
    } catch (error) {
      throw new Failure('disk', `${file} could not be written: ${(error as Error).message}`, { cause: error });
    }
  };
  return {
    get: (key) => parsed(read(path(key, 'json'))),
    put: (key, value) => write(path(key, 'json'), JSON.stringify(value)),
    getBytes: (key) => read(path(key, 'bin')),
    putBytes: (key, value) => write(path(key, 'bin'), value),
  };
}

function parsed(bytes: Uint8Array | null): Json | null {
  if (bytes === null) return null;
  try {
    const value = json.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return value.success ? value.data : null;
  } catch {
    return null;
  }
}
