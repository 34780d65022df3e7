import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesIn, parseTemplate, soleName } from '../../../orchestrator/domain/spec/template.ts';

const braced = (name: string) => ['$', '{', name, '}'].join('');

describe('a template', () => {
  it('holds names, doubled dollar signs and dollar signs that begin no name', () => {
    const parts = ['/a/', { name: 'id' }, '/$x/', { name: 'n' }, 'y costs $5$'];
    expect(parseTemplate(`/a/$id/$$x/${braced('n')}y costs $5$`)).toEqual(parts);
  });

  it('keeps the type of a value only when it is one name and nothing else', () => {
    expect(['$a', braced('a')].map(soleName)).toEqual(['a', 'a']);
    expect(['$$a', '$a ', 'x$a', '$a$b', '$', '', braced('')].map(soleName)).toEqual(Array(7).fill(null));
  });

  it('is found in every string of a value, but not in its keys', () => {
    expect(namesIn({ $key: ['$a', { b: 'x-$b' }, 1, null, '$$c'] })).toEqual(['a', 'b']);
  });

  it('gives any text back when its dollar signs are doubled', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseTemplate(text.replaceAll('$', '$$$$'))).toEqual([text]);
      }),
    );
  });
});
