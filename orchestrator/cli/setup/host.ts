import { readFileSync } from 'node:fs';

type Environment = Readonly<Record<string, string | undefined>>;

/** Stands above the host's certificates in a build context, so that a test can look for them in what was built. */
export const TRUST_MARK = '# trust of the host that built this image\n';

/**
 * The certificate bundle that the host trusts beyond the usual ones (a company's own authority), PEM, under `TRUST_MARK`; the mark alone
 * where no variable names a readable file. It goes into build contexts only.
 */
export function hostTrust(env: Environment): string {
  const names = ['NODE_EXTRA_CA_CERTS', 'PIP_CERT', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE'];
  for (const path of names.flatMap((name) => env[name] || [])) {
    try {
      return TRUST_MARK + readFileSync(path, 'utf8');
    } catch {
      // The next variable may name one that can be read.
    }
  }
  return TRUST_MARK;
}

/** Every builder takes these without being asked to, and keeps them out of the image's history. */
const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'ftp_proxy', 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);

/** Of the host's environment, what an image build takes over: proxies, and the package indexes that the Dockerfile declares. */
export function hostArguments(env: Environment, declared: readonly string[]): Record<string, string> {
  const names = [...PROXIES, ...declared.filter((name) => name !== 'BASE')];
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}
