import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { escapeName } from '../../../orchestrator/domain/export-path.ts';
import { header } from '../../unit/engine/tar-blocks.ts';
import type { Control, Outcome, Play, Plays, Try } from '../case.ts';
import { treeOf } from '../target.ts';
import { archiveOf, type Entry, naiveUnpack, takenEnds } from './unpack.ts';

const HONEST: readonly Entry[] = [
  { path: 'prices', flag: '5' },
  { path: 'prices/sums.py', text: 'x = 1\n' },
  { path: 'prices/münze.py', text: 'y = 1\n' },
  { path: 'run', text: '#!/bin/sh\n', mode: 0o755 },
];
const CAPS = { bytes: 1_000_000, entries: 200 };
const FLAT = 100 * 1024 * 1024;

/** Attacks by what a container leaves in its volume: the export is judged in memory and never unpacked on the host's disk. */
export function exportPlays(): Plays {
  const refused = (what: string, must: Outcome, ...entries: readonly Entry[]): Try => ({
    what,
    must,
    ends: () => takenEnds(archiveOf(entries)),
  });
  const honest: Try = { what: 'files, folders, a program and a name with an umlaut', must: null, ends: () => takenEnds(archiveOf(HONEST)) };
  /** Unpacked plainly into a folder of its own; whether then this is so. */
  const unpacked = (what: string, entries: readonly Entry[], worked: (folder: string, home: string) => boolean): Control => ({
    what,
    async works() {
      const home = mkdtempSync(join(tmpdir(), 'hostile-'));
      try {
        await naiveUnpack(
          archiveOf(
            entries.map((entry) => ({ ...entry, ...(entry.link === undefined ? {} : { link: entry.link.replace('HOME', home) }) })),
          ),
          join(home, 'in'),
        );
        return worked(join(home, 'in', 'w'), home);
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
    },
  });

  return {
    H01: (): Play => ({
      control: [
        unpacked(
          'a file is written outside, through a link',
          [
            { path: 'out', flag: '2', link: 'HOME' },
            { path: 'out/pwned', text: 'x' },
          ],
          (_, home) => existsSync(join(home, 'pwned')),
        ),
        unpacked(
          'a program that runs as its owner',
          [{ path: 'root', text: 'x', mode: 0o4755 }],
          (folder) => (statSync(join(folder, 'root')).mode & 0o4000) !== 0,
        ),
      ],
      attack: [
        refused('an absolute link', 'export_bad_type', { path: 'a', flag: '2', link: '/etc/passwd' }),
        refused('a link upwards', 'export_bad_type', { path: 'a', flag: '2', link: '../../secret' }),
        refused(
          'a link and a file behind it',
          'export_bad_type',
          { path: 'out', flag: '2', link: '/tmp' },
          { path: 'out/pwned', text: 'x' },
        ),
        refused('a harmless link that the base does not have', 'export_bad_type', { path: 'a', flag: '2', link: 'b' }),
        refused('a hard link', 'export_bad_type', { path: 'a', flag: '1', link: 'w/b' }),
        refused('a hard link out of the folder', 'export_bad_type', { path: 'a', flag: '1', link: '/etc/shadow' }),
        refused('a pipe', 'export_bad_type', { path: 'a', flag: '6' }),
        refused('a character device', 'export_bad_type', { path: 'a', flag: '3' }),
        refused('a block device', 'export_bad_type', { path: 'a', flag: '4' }),
        refused('setuid', 'export_bad_type', { path: 'a', text: 'x', mode: 0o4755 }),
        refused('setgid', 'export_bad_type', { path: 'a', flag: '5', mode: 0o2755 }),
        refused('a kind that nobody knows', 'export_bad_type', { path: 'a', flag: 'Z' }),
      ],
      twin: [
        honest,
        {
          what: 'a link that the base has exactly so',
          must: null,
          ends: () =>
            takenEnds(archiveOf([{ path: 'latest', flag: '2', link: 'v1' }]), {
              base: new Map([['latest', { mode: '120000', content: new TextEncoder().encode('v1') }]]),
            }),
        },
      ],
    }),

    H03: (): Play => {
      const names = [
        '../pwned',
        'a/../../pwned',
        '..',
        '/etc/pwned',
        'a//b',
        './a',
        'a\nb',
        'a\u001b[31mb',
        'a\u202egnp.py',
        'a\u200bb',
        'a\ufeffb',
        'a\u2028b',
        '-rf',
        'a/--output=x',
        'a\\b',
        'é'.repeat(101),
        Array.from({ length: 41 }, () => 'a').join('/'),
        Array.from({ length: 11 }, () => 'a'.repeat(100)).join('/'),
      ];
      return {
        control: [
          unpacked('a name with `..` is written outside', [{ path: '../../pwned', text: 'x' }], (_, home) =>
            existsSync(join(home, 'pwned')),
          ),
          unpacked('a name moves the cursor of whoever lists it', [{ path: 'a\u001b[2Jb', text: 'x' }], (folder) =>
            execFileSync('ls', ['-N', folder]).toString().includes('\u001b'),
          ),
        ],
        attack: [
          ...names.map((path) => refused(escapeName(path).slice(0, 60), 'export_bad_path', { path, text: 'x' })),
          refused('two names that differ in case', 'export_bad_path', { path: 'README.md' }, { path: 'readme.md' }),
          refused('two names that differ in composition', 'export_bad_path', { path: 'caf\u00e9.py' }, { path: 'cafe\u0301.py' }),
          {
            what: 'the refusal shows the name escaped',
            must: 'neutralised',
            ends: () => (/^[ -~’…]*$/.test(escapeName('x\u001b]0;evil\u0007\u202e')) ? 'neutralised' : null),
          },
        ],
        twin: [honest],
      };
    },

    H05: (): Play => {
      const spellings = [
        '.git/config',
        '.GIT/config',
        'a/.git/hooks/pre-commit',
        '.Git',
        '.git.',
        '.git ',
        'git~1',
        'GIT~1/config',
        '.g\u200cit/config',
        '.gitmodules',
        'a/.gitmodules',
        'a/.gitattributes',
        '.GITATTRIBUTES',
        '.git::$INDEX_ALLOCATION/config',
        'gitmod~1',
      ];
      const spy = '#!/bin/sh\ntouch "$(dirname "$0")/ran"\n';
      return {
        control: [
          {
            what: 'git on the host runs what a nested .git names',
            async works() {
              const home = mkdtempSync(join(tmpdir(), 'hostile-'));
              try {
                execFileSync('git', ['init', '-q', join(home, 'w')]);
                writeFileSync(join(home, 'spy'), spy, { mode: 0o755 });
                const config = `${readFileSync(join(home, 'w/.git/config'), 'utf8')}\n[core]\n\tfsmonitor = ${join(home, 'spy')}\n`;
                await naiveUnpack(archiveOf([{ path: '.git/config', text: config }]), home);
                execFileSync('git', ['-C', join(home, 'w'), 'status', '--short'], { stdio: 'ignore' });
                return existsSync(join(home, 'ran'));
              } finally {
                rmSync(home, { recursive: true, force: true });
              }
            },
          },
        ],
        attack: [
          ...spellings.map((path) => refused(JSON.stringify(path), 'export_forbidden', { path, text: '[core]\n\tfsmonitor = /tmp/spy\n' })),
          {
            what: 'attributes of the base that were changed',
            must: 'export_forbidden',
            ends: () =>
              takenEnds(archiveOf([{ path: '.gitattributes', text: '* filter=x\n' }]), { base: treeOf({ '.gitattributes': '* text\n' }) }),
          },
        ],
        twin: [
          honest,
          {
            what: 'attributes byte for byte as the base has them',
            must: null,
            ends: () =>
              takenEnds(archiveOf([{ path: '.gitattributes', text: '* text\n' }]), { base: treeOf({ '.gitattributes': '* text\n' }) }),
          },
          refused('.gitignore and .github', null, { path: '.gitignore', text: 'x' }, { path: '.github/x.yml', text: 'x' }),
        ],
      };
    },

    H06: (): Play => {
      const flat = (what: string, source: () => AsyncIterable<Uint8Array> | Uint8Array): Try => ({
        what,
        must: 'export_too_large',
        async ends() {
          const before = process.memoryUsage().rss;
          const outcome = await takenEnds(source(), { caps: CAPS });
          return process.memoryUsage().rss - before < FLAT ? outcome : null;
        },
      });
      async function* endless(of: (n: number) => Buffer): AsyncGenerator<Buffer> {
        yield header('w/', '5');
        for (let n = 0; ; n += 1) yield of(n);
      }
      const many = Array.from({ length: 300 }, (_, n) => ({ path: `f${n}` }));
      return {
        control: [
          unpacked('more files than are allowed', many, (folder) => existsSync(join(folder, 'f299'))),
          unpacked(
            'more bytes than are allowed',
            [{ path: 'big', text: 'x'.repeat(CAPS.bytes + 1) }],
            (folder) => statSync(join(folder, 'big')).size > CAPS.bytes,
          ),
        ],
        attack: [
          flat('a gigabyte by its header', () => Buffer.concat([header('w/', '5'), header('w/big', '0', 1_000_000_000)])),
          flat('a sparse file that says a gigabyte', () => Buffer.concat([header('w/', '5'), header('w/sparse', 'S', 1_000_000_000)])),
          flat('many small files', () => archiveOf(many)),
          flat('files without end', () => endless((n) => header(`w/${n}`, '0'))),
          flat('folders without end', () => endless((n) => header(`w/${n}/`, '5'))),
          flat('bytes without end, a file at a time', () =>
            endless((n) => Buffer.concat([header(`w/${n}`, '0', 99_840), Buffer.alloc(99_840)])),
          ),
          flat('an extended header that is never used up', () => endless((n) => header(`w/__pycache__/${n}`, '0'))),
        ],
        twin: [
          honest,
          {
            what: 'as much as is allowed',
            must: null,
            ends: () => takenEnds(archiveOf([{ path: 'big', text: 'x'.repeat(CAPS.bytes) }]), { caps: CAPS }),
          },
        ],
      };
    },

    H08: (): Play => {
      const whole = archiveOf([
        { path: 'kept.py', text: 'x = 1\n' },
        { path: 'gone.py', text: 'y = 1\n' },
      ]);
      const cuts = {
        'between two entries': 512 * 3,
        'inside a file': 512 * 4 + 3,
        'before the end marker': whole.length - 1024,
        'inside the end marker': whole.length - 512,
        'inside a header': 512 * 3 + 100,
      };
      return {
        control: [
          {
            what: 'an archive cut between two entries unpacks without a word, and a file is gone',
            async works() {
              const home = mkdtempSync(join(tmpdir(), 'hostile-'));
              try {
                const written = await naiveUnpack(whole.subarray(0, cuts['between two entries']), home);
                return written.some((path) => path.endsWith('kept.py')) && !written.some((path) => path.endsWith('gone.py'));
              } finally {
                rmSync(home, { recursive: true, force: true });
              }
            },
          },
        ],
        attack: Object.entries(cuts).map(([what, at]) => ({
          what,
          must: 'export_truncated' as const,
          ends: () => takenEnds(whole.subarray(0, at)),
        })),
        twin: [{ what: 'the whole of it', must: null, ends: () => takenEnds(whole) }],
      };
    },
  };
}
