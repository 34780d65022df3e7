import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Probe } from './examine.ts';
import { ok, warn } from './finding.ts';

/** The variables by which a host names a bundle of its own; an image build takes the first that can be read. */
const VARIABLES = ['NODE_EXTRA_CA_CERTS', 'PIP_CERT', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE'];

/** Every bundle that a variable names exists and holds certificates. */
export function certificatesProbe(env: NodeJS.ProcessEnv): Probe {
  return async () => {
    const named = VARIABLES.flatMap((name) => (env[name] ? [{ name, path: env[name] }] : []));
    if (named.length === 0) return ok('none named: the usual authorities are trusted');
    const paths = [...new Set(named.map(({ path }) => path))];
    const looks = new Map(await Promise.all(paths.map(async (path) => [path, await lookAt(path)] as const)));
    const bad = named.flatMap(({ name, path }) => {
      const problem = looks.get(path)?.problem ?? null;
      return problem === null ? [] : [{ name, words: `${name}=${path}: ${problem}` }];
    });
    if (bad.length > 0) {
      const names = bad.map(({ name }) => name).join(', ');
      return warn(
        bad.map(({ words }) => words).join('; '),
        `Let ${names} name a PEM file with your authority’s certificate, or unset it: packages are fetched with it while images are built.`,
      );
    }
    return ok(paths.map((path) => `${path}: ${looks.get(path)?.count} certificates`).join(', '));
  };
}

async function lookAt(path: string): Promise<{ count: number; problem: string | null }> {
  try {
    const blocks =
      (await readFile(path, 'utf8')).match(/-----BEGIN (TRUSTED )?CERTIFICATE-----[\s\S]*?(-----END (TRUSTED )?CERTIFICATE-----|$)/g) ?? [];
    if (blocks.length === 0) return { count: 0, problem: 'holds no certificate' };
    const broken = blocks.findIndex((block) => !parses(block));
    return { count: blocks.length, problem: broken < 0 ? null : `certificate ${broken + 1} of ${blocks.length} cannot be read` };
  } catch (error) {
    return { count: 0, problem: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : (error as Error).message };
  }
}

function parses(block: string): boolean {
  try {
    new X509Certificate(block);
    return true;
  } catch {
    return false;
  }
}
