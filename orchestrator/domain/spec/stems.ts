/**
 * The words of a text that carry its matter, cut down so that `sorting`, `sorted` and `sorts` are one. Rough on purpose: it is used to tell
 * that two texts have nothing in common, not that they mean the same.
 */
export function stemsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => !EMPTY.has(word)).map(stem));
}

/** How many of `stems` are among `others`. */
export function countShared(stems: ReadonlySet<string>, others: ReadonlySet<string>): number {
  return [...stems].filter((one) => others.has(one)).length;
}

/** Whether a text can be judged by its words: those below are English. */
export function isEnglish(text: string): boolean {
  return /\b(the|and|should|with|is|are)\b/i.test(text);
}

function stem(word: string): string {
  const singular = word.endsWith('ies') ? `${word.slice(0, -3)}y` : word;
  const bare = singular.replace(/(ings|ing|ed|es|ly|s|e|y)$/, '');
  const cut = bare.length >= 3 ? bare : word;
  return cut.replace(/([b-df-hj-np-tv-z])\1$/, '$1');
}

/** Words that every rule and every request may have, whatever it is about. */
const EMPTY = new Set(
  `a an and api also any all are as at be been being both but by can could did do does each either every for from get gets give given
   gives had has have he her his how i if in into is it its let lets like made make makes may might must no not of on only or our shall she
   should so such system take takes than that the their them then there these they this those to too us was we were what when where which
   while who will with would you your`.split(/\s+/),
);
