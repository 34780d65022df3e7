import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addChangelogLine, CHANGELOG_SECTIONS } from '../../../orchestrator/domain/changelog.ts';

const added = (text: string) => ({ section: 'Added', text }) as const;
const lines = (...all: string[]) => `${all.join('\n')}\n`;

describe('addChangelogLine', () => {
  it('appends to the section’s list', () => {
    const text = lines(
      '# Changelog',
      '',
      '## [Unreleased]',
      '',
      '### Added',
      '',
      '- one',
      '',
      '### Fixed',
      '',
      '- bug',
      '',
      '## [1.0.0]',
      '',
      '### Added',
      '',
      '- old',
    );
    expect(addChangelogLine(text, added('two'))).toBe(text.replace('- one\n', '- one\n- two\n'));
  });

  it('appends after a wrapped item and a nested list', () => {
    const text = lines('## [Unreleased]', '### Added', '- one that', '  goes on', '  - nested', '', '## [1.0.0]');
    expect(addChangelogLine(text, added('two'))).toBe(text.replace('  - nested\n', '  - nested\n- two\n'));
  });

  it('keeps bullets, their spacing, and blank lines between items', () => {
    const text = lines('## Unreleased', '', '### Added', '', '*   one', '', '*   two', '', '## 1.0.0');
    expect(addChangelogLine(text, added('three'))).toBe(text.replace('*   two\n', '*   two\n\n*   three\n'));
  });

  it('fills a section that is still empty', () => {
    const text = lines('## [Unreleased]', '', '### Added', '', '## [1.0.0]');
    expect(addChangelogLine(text, added('one'))).toBe(lines('## [Unreleased]', '', '### Added', '', '- one', '', '## [1.0.0]'));
    expect(addChangelogLine('## [Unreleased]\n\n### Added\n', added('one'))).toBe('## [Unreleased]\n\n### Added\n\n- one\n');
  });

  it('makes a missing section in the canonical place', () => {
    const text = lines('## [Unreleased]', '', '### Added', '', '- one', '', '### Fixed', '', '- bug', '', '## [1.0.0]');
    expect(addChangelogLine(text, { section: 'Changed', text: 'this' })).toBe(
      text.replace('### Fixed', '### Changed\n\n- this\n\n### Fixed'),
    );
    expect(addChangelogLine(text, { section: 'Security', text: 'this' })).toBe(
      text.replace('- bug\n', '- bug\n\n### Security\n\n- this\n'),
    );
  });

  it('makes the first section below the heading', () => {
    const text = lines('# Changelog', '', '## [Unreleased]', '', '## [1.0.0]', '- old');
    expect(addChangelogLine(text, added('one'))).toBe(text.replace('[Unreleased]\n', '[Unreleased]\n\n### Added\n\n- one\n'));
  });

  it('makes the heading above the newest release', () => {
    const text = lines('# Changelog', '', 'Words.', '', '## [1.0.0] - 2026-01-01', '### Added', '- old');
    expect(addChangelogLine(text, added('one'))).toBe(text.replace('## [1.0.0]', '## [Unreleased]\n\n### Added\n- one\n\n## [1.0.0]'));
  });

  it('makes the heading above the link addresses where there is no release', () => {
    const text = lines('# Changelog', '', '[Unreleased]: https://example.org/compare');
    expect(addChangelogLine(text, added('one'))).toBe(
      lines('# Changelog', '', '## [Unreleased]', '', '### Added', '', '- one', '', '[Unreleased]: https://example.org/compare'),
    );
  });

  it('makes a file where there is none', () => {
    for (const nothing of [null, '', '\n']) {
      expect(addChangelogLine(nothing, added('one'))).toMatch(/^# Changelog\n[\s\S]*\n\n## \[Unreleased\]\n\n### Added\n\n- one\n$/);
    }
  });

  it('keeps Windows line endings and a missing final newline', () => {
    const windows = '## [Unreleased]\r\n\r\n### Added\r\n\r\n- one\r\n';
    expect(addChangelogLine(windows, added('two'))).toBe(`${windows}- two\r\n`);
    expect(addChangelogLine('## [Unreleased]\n\n### Added\n\n- one', added('two'))).toBe('## [Unreleased]\n\n### Added\n\n- one\n- two');
  });

  it('does not take headings in code or comments for headings', () => {
    const decoys = [
      '```',
      '## [Unreleased]',
      '### Added',
      '```',
      '<!-- keep',
      '## [Unreleased]',
      '-->',
      '~~~~md',
      '```',
      '## [Unreleased]',
      '~~~~',
    ];
    const text = lines('# Changelog', ...decoys, '', '## [Unreleased]', '', '### Added', '', '- one');
    expect(addChangelogLine(text, added('two'))).toBe(`${text}- two\n`);
  });

  it('puts the entry on one line and lets it hide nothing', () => {
    const text = addChangelogLine(null, added('- a\nb\u0000\u202e  c\r\n## [9.9.9] <!-- rest '));
    expect(text.endsWith('\n- a b c ## [9.9.9] &lt;!-- rest\n')).toBe(true);
  });

  it('changes nothing for an entry without text', () => {
    expect(addChangelogLine('# Changelog\n', added(' \n\u200b'))).toBe('# Changelog\n');
  });

  const line = fc.oneof(
    fc.constantFrom(
      '',
      '# Changelog',
      '## [Unreleased]',
      '## Unreleased',
      '## [1.0.0]',
      '### Added',
      '### Fixed',
      '### Security',
      '- one',
      '* two',
      '  more',
      '```',
      '<!--',
      '-->',
      '[1.0.0]: x',
      '- new entry',
    ),
    fc.string({ maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, '')),
  );
  const changelog = fc
    .tuple(fc.array(line, { maxLength: 16 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
    .map(([all, ending, isClosed]) => all.join(ending) + (isClosed ? ending : ''));
  const section = fc.constantFrom(...CHANGELOG_SECTIONS);

  it('only ever inserts: everything else is byte for byte as it was', () => {
    fc.assert(
      fc.property(changelog, section, (text, name) => {
        fc.pre(text.trim() !== '');
        const after = addChangelogLine(text, { section: name, text: 'new entry' });
        let from = 0;
        while (from < text.length && text[from] === after[from]) from += 1;
        expect(after.endsWith(text.slice(from))).toBe(true);
        if (after !== text) expect(after).toMatch(/(^|\n) ?[-*+] +new entry(\r?\n|$)/);
      }),
    );
  });

  it('adds the same entry once', () => {
    fc.assert(
      fc.property(changelog, section, (text, name) => {
        const once = addChangelogLine(text, { section: name, text: 'new entry' });
        expect(addChangelogLine(once, { section: name, text: 'new entry' })).toBe(once);
      }),
    );
  });
});
