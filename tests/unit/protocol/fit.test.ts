import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, fitText } from '../../../orchestrator/protocol/fit.ts';
import { encodeLine } from '../../../orchestrator/protocol/framing.ts';
import { MAX_TURN_TEXT } from '../../../orchestrator/protocol/messages.ts';

describe('a text made to fit a line', () => {
  it('leaves what fits as it is', () => {
    expect(fitText('short', 1024)).toBe('short');
    expect(fitText('x'.repeat(MAX_TURN_TEXT), 1_000_000)).toHaveLength(MAX_TURN_TEXT);
  });

  it('never makes a longer line than allowed, whatever the text, and says that it cut', () => {
    const piece = fc.constantFrom('plain text ', '\u001b[31m', '"\\', '😀', 'é', '\u2028', '\0');
    fc.assert(
      fc.property(piece, fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 500, max: 5000 }), (one, times, max) => {
        const text = one.repeat(times);
        const fitted = fitText(text, max);
        expect(Buffer.byteLength(encodeLine({ type: 'turn', add: fitted }))).toBeLessThanOrEqual(max);
        expect(fitted === text || fitted.includes('cut here')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('is not cut again by a second fitting', () => {
    const fitted = fitText('é'.repeat(300_000), 200_000);
    expect(fitText(fitted, 200_000)).toBe(fitted);
    expect(fitted.length).toBeLessThanOrEqual(MAX_TURN_TEXT);
  });

  it('never splits a character', () => {
    expect(clip('a😀b', 2)).toBe('a');
    expect(clip('a😀b', 3)).toBe('a😀');
    expect(clip('ab', 5)).toBe('ab');
  });
});
