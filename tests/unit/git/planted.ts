import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OnDisk } from './on-disk.ts';

/** Everything that git would run for somebody, set to leave a mark. */
export function plant(repository: OnDisk): void {
  const spy = join(repository.home, 'spy');
  writeFileSync(spy, `#!/bin/sh\necho "$0 $*" >> '${repository.home}/ran'\ncat\n`, { mode: 0o755 });
  const hooks = join(repository.home, 'hooks');
  mkdirSync(hooks);
  const names = [
    'post-index-change',
    'reference-transaction',
    'post-commit',
    'pre-commit',
    'commit-msg',
    'prepare-commit-msg',
    'pre-auto-gc',
    'post-rewrite',
    'post-checkout',
    'pre-push',
    'fsmonitor-watchman',
  ];
  for (const folder of [hooks, join(repository.directory, '.git/hooks')]) {
    mkdirSync(folder, { recursive: true });
    for (const name of names)
      writeFileSync(join(folder, name), `#!/bin/sh\necho "hook ${name}" >> '${repository.home}/ran'\n`, { mode: 0o755 });
  }
  const settings = {
    'core.hooksPath': hooks,
    'core.fsmonitor': spy,
    'core.attributesFile': join(repository.home, 'attributes'),
    'core.pager': spy,
    'core.editor': spy,
    'core.sshCommand': spy,
    'core.askPass': spy,
    'diff.external': spy,
    'diff.spy.textconv': spy,
    'diff.spy.command': spy,
    'filter.spy.clean': spy,
    'filter.spy.smudge': spy,
    'filter.spy.process': spy,
    'filter.spy.required': 'true',
    'gpg.program': spy,
    'commit.gpgSign': 'true',
    'credential.helper': spy,
    'alias.cat-file': `!${spy}`,
    'core.autocrlf': 'true',
    'gc.auto': '1',
  };
  const lines = Object.entries(settings).map(([key, value]) => {
    const [section = '', ...names] = key.split('.');
    const name = names.pop();
    return `[${section}${names.length === 0 ? '' : ` "${names.join('.')}"`}]\n\t${name} = "${value}"\n`;
  });
  for (const file of [join(repository.directory, '.git/config'), join(repository.home, '.gitconfig')]) appendFileSync(file, lines.join(''));
  writeFileSync(join(repository.home, 'attributes'), '* filter=spy diff=spy\n');
  writeFileSync(join(repository.directory, '.git/info/attributes'), '* filter=spy diff=spy\n');
}
