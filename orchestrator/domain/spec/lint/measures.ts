/** Whether numbers keep their bounds and units on the way from the request into a rule. */
import type { SpecFinding } from '../finding.ts';
import { askedIn, type Quoted, type Sources } from './quoted.ts';

export function lintMeasures({ quoted }: Sources): SpecFinding[] {
  return quoted.flatMap((one) => [...changedBounds(one), ...changedUnits(one)]);
}

type Bound = '>=' | '>' | '<=' | '<';

/** Phrases before a number, and after one. `from` and `to` are none: they also name what is not counted. */
const BEFORE: readonly (readonly [Bound, string])[] = [
  [
    '>=',
    'at or (?:above|over)|(?:more|greater|higher|larger|longer) than or equal to|(?:above|over) or equal to|at least|no less than|not less than|no fewer than|not fewer than|a minimum of|minimum of|>=|≥',
  ],
  [
    '<=',
    'at or (?:below|under)|(?:less|fewer|lower|smaller|shorter) than or equal to|(?:below|under) or equal to|at most|no more than|not more than|up to|a maximum of|maximum of|no longer than|no larger than|<=|≤',
  ],
  ['>', 'more than|greater than|larger than|longer than|higher than|over|above|exceeding|exceeds|exceed|>'],
  ['<', 'less than|fewer than|smaller than|shorter than|lower than|under|below|<'],
];
const AFTER: readonly (readonly [Bound, string])[] = [
  ['>=', '(?:or|and) (?:more|above|over|up|higher|longer|greater|larger)'],
  ['<=', '(?:or|and) (?:less|fewer|below|under|lower|shorter|smaller)'],
];

/** `WHEN more than 100 … SHALL refuse` says the same as `at most 100`. */
const COMPLEMENT: Readonly<Record<Bound, Bound>> = { '>=': '<', '<': '>=', '>': '<=', '<=': '>' };

function changedBounds({ criterion: { id, rule }, sentences }: Quoted): SpecFinding[] {
  const asked = boundsIn(sentences.map(askedIn).join(' \n '));
  const said = boundsIn(rule);
  return [...said].flatMap(([number, bounds]): SpecFinding[] => {
    const wanted = asked.get(number);
    if (wanted === undefined) return [];
    const fits = [...bounds.keys()].some((bound) => wanted.has(bound) || wanted.has(COMPLEMENT[bound]));
    if (fits) return [];
    const message = `the request says \`${[...wanted.values()].join('`, `')}\`, the rule \`${[...bounds.values()].join('`, `')}\``;
    return [
      {
        code: 'bound_changed',
        where: `${id}.rule`,
        message,
        instead: 'keep the bound of the request, the number itself in or out as it says',
      },
    ];
  });
}

/** Number -> the bounds that it is given, each with its words. */
function boundsIn(text: string): Map<string, Map<Bound, string>> {
  const found = new Map<string, Map<Bound, string>>();
  const note = (bound: Bound, number: string, words: string) => {
    const value = plainNumber(number);
    found.set(value, new Map([...(found.get(value) ?? []), [bound, words.replace(/\s+/g, ' ')]]));
  };
  let rest = text;
  for (const [bound, phrases] of BEFORE) {
    // A phrase that was read is taken out: `no more than 5` is not `more than 5` too.
    rest = rest.replace(new RegExp(`(?<![\\w<>])(?:${phrases})\\s*${NUMBER}`, 'gi'), (words: string, number: string) => {
      note(bound, number, words);
      return ' ';
    });
  }
  for (const [bound, phrases] of AFTER) {
    for (const match of text.matchAll(new RegExp(`${NUMBER}(?:\\s+\\w+)?\\s+(?:${phrases})\\b`, 'gi')))
      note(bound, match[1] ?? '', match[0]);
  }
  return found;
}

const NUMBER = '(?<![\\w.])(\\d{1,12}(?:,\\d{3})*(?:\\.\\d{1,6})?)(?![\\w]|\\.\\d)';

/** Units by what they measure. */
const UNITS: readonly Readonly<Record<string, string>>[] = [
  {
    ms: 'ms|milliseconds?',
    s: 's|secs?|seconds?',
    min: 'mins?|minutes?',
    h: 'h|hours?',
    d: 'days?',
    w: 'weeks?',
    mo: 'months?',
    y: 'years?',
  },
  { B: 'bytes?', kB: 'kB|KB|KiB|kilobytes?', MB: 'MB|MiB|megabytes?', GB: 'GB|GiB|gigabytes?' },
  { percent: '%|percent|per cent', points: 'percentage points?' },
  { cents: 'cents?', money: 'euros?|dollars?|pounds?|EUR|USD|GBP' },
  { characters: 'characters?|chars?|letters?', words: 'words?', lines: 'lines?', bytes: 'bytes?' },
];

function changedUnits({ criterion: { id, rule }, sentences }: Quoted): SpecFinding[] {
  const asked = sentences.map(askedIn).join(' \n ');
  return UNITS.flatMap((units) => {
    const wanted = unitsIn(asked, units);
    return [...unitsIn(rule, units)].flatMap(([number, said]): SpecFinding[] => {
      const expected = wanted.get(number);
      if (expected === undefined || [...said].some((unit) => expected.has(unit))) return [];
      const message = `the request measures ${number} in ${[...expected].join(', ')}, the rule in ${[...said].join(', ')}`;
      return [{ code: 'unit_changed', where: `${id}.rule`, message, instead: 'keep number and unit of the request' }];
    });
  });
}

function unitsIn(text: string, units: Readonly<Record<string, string>>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [unit, names] of Object.entries(units)) {
    for (const [, number = ''] of text.matchAll(new RegExp(`${NUMBER}[ -]?(?:${names})(?![\\w])`, 'g'))) {
      found.set(plainNumber(number), new Set([...(found.get(plainNumber(number)) ?? []), unit]));
    }
  }
  return found;
}

function plainNumber(number: string): string {
  return String(Number(number.replaceAll(',', '')));
}
