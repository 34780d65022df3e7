/** How much text is put before a model, in characters (about four a token). */

/** The target card in a prompt. */
export const CARD_CHARS = 11_000;
/** All excerpts that SCOUT named, pasted in for BUILD. */
export const EXCERPT_CHARS = 60_000;
/** A tool's own words in a rework. */
export const WORDS_CHARS = 6_000;
/** The diff that REVIEW sees in its prompt; it can read the files beyond it. */
export const DIFF_CHARS = 60_000;
/** The changed source files that REVIEW sees whole. */
export const FILES_CHARS = 20_000;
