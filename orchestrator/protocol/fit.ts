import { MAX_TURN_TEXT } from './messages.ts';

/** Room for the rest of the message around its text. */
const ENVELOPE_BYTES = 200;
const NOTICE = '\n… (cut here: too long for one turn; ask for less at a time)';

/** `text` as it is, or its beginning with a notice, so that a message with it fits the protocol's text cap and a line of `maxLineBytes`. */
export function fitText(text: string, maxLineBytes: number): string {
  const room = maxLineBytes - ENVELOPE_BYTES;
  if (text.length <= MAX_TURN_TEXT && encodedBytes(text) <= room) return text;
  let keep = Math.min(text.length, MAX_TURN_TEXT - NOTICE.length);
  while (keep > 0 && encodedBytes(text.slice(0, keep) + NOTICE) > room) keep = Math.floor(keep * 0.8);
  return clip(text, keep) + NOTICE;
}

/** At most `length` UTF-16 units of a text, never half a surrogate pair. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

function encodedBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
