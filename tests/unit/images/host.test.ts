import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostArguments, hostTrust, TRUST_MARK } from '../../../orchestrator/cli/setup/host.ts';

let folder: string;
let bundle: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'factory-host-'));
  bundle = join(folder, 'company.pem');
  writeFileSync(bundle, 'COMPANY');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('what an image build takes over from the host', () => {
  test.each(['NODE_EXTRA_CA_CERTS', 'PIP_CERT', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE'])('the certificates that %s names', (name) => {
    expect(hostTrust({ [name]: bundle })).toBe(`${TRUST_MARK}COMPANY`);
  });

  test('the first named file that exists', () => {
    expect(hostTrust({ NODE_EXTRA_CA_CERTS: join(folder, 'gone.pem'), PIP_CERT: bundle })).toBe(`${TRUST_MARK}COMPANY`);
  });

  test('no certificates where none are named', () => {
    expect(hostTrust({ PIP_CERT: '' })).toBe(TRUST_MARK);
  });

  test('proxies always, package indexes where the build declares them, and nothing else', () => {
    const env = {
      https_proxy: 'http://p',
      NO_PROXY: 'x',
      PIP_INDEX_URL: 'http://i',
      UV_INDEX_URL: 'http://u',
      OTHER: 'secret',
      HTTP_PROXY: '',
    };
    expect(hostArguments(env, ['BASE', 'PIP_INDEX_URL'])).toEqual({ https_proxy: 'http://p', NO_PROXY: 'x', PIP_INDEX_URL: 'http://i' });
  });
});
