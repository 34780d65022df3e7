import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { Failure } from '../domain/failure.ts';
import { MAX_DOCUMENT_CHARS, parseSpecDocument, type SpecDocument, specOfData } from '../domain/spec/document.ts';
import { parseBoundedYaml } from './bounded-yaml.ts';

/**
 * A Spec as a person keeps it: the markdown form (`.md`), YAML (`.yaml`, `.yml`) or JSON (`.json`); under another name, what it looks like.
 * Errors: `usage` for a file that cannot be read, `spec_invalid` with line or key.
 */
export function readSpecFile(path: string): SpecDocument {
  return parseSpecText(readBounded(path), extname(path).toLowerCase());
}

/** The same for a text; `extension` as in a file's name, with its dot. */
export function parseSpecText(text: string, extension: string): SpecDocument {
  const isYaml = extension === '.yaml' || extension === '.yml';
  const looksLikeYaml = extension !== '.md' && extension !== '.json' && !/^\s*\{/.test(text) && !/^## /m.test(text);
  return isYaml || looksLikeYaml ? specOfYaml(text) : parseSpecDocument(text);
}

function specOfYaml(text: string): SpecDocument {
  if (text.length > MAX_DOCUMENT_CHARS) throw new Failure('spec_invalid', tooLong(text.length));
  return specOfData(parseYaml(text));
}

function parseYaml(text: string): unknown {
  try {
    return parseBoundedYaml(text, { aliases: 100 });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new Failure('spec_invalid', `expected YAML: ${words.slice(0, 400)}`);
  }
}

function readBounded(path: string): string {
  const bytes = readBytes(path);
  if (bytes === null) throw new Failure('spec_invalid', tooLong(null));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure('spec_invalid', `\`${path}\` is not UTF-8`);
  }
}

/** The file's bytes; null where they are more than any Spec has. */
function readBytes(path: string): Buffer | null {
  try {
    const file = openSync(path, 'r');
    try {
      return fstatSync(file).size > 4 * MAX_DOCUMENT_CHARS ? null : readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new Failure('usage', `\`${path}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function tooLong(characters: number | null): string {
  return `a Spec has at most ${MAX_DOCUMENT_CHARS} characters${characters === null ? '' : `, this one ${characters}`}`;
}
