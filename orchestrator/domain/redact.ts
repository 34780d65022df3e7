/** Secrets of this machine, kept out of everything that is written or shown. */
import { defused, forMarkdown, forTerminal } from './untrusted.ts';

export interface Secret {
  /** Where it comes from: shown in its place. */
  readonly name: string;
  readonly value: string;
}

/** Takes secrets out: as they are, and in base64 (at any offset), hexadecimal, URL, JSON, HTML and Markdown form. */
export interface Redactor {
  /** The same text with `[redacted:NAME]` in place of each secret, also of one that was cut off behind its sixteenth character. */
  text(text: string): string;
  /** The same for bytes, whatever else is in them. */
  bytes(content: Uint8Array): Uint8Array;
  /** The same for a stream of which a secret may lie across two chunks: what could be its beginning waits for the next chunk or the end. */
  stream(): { push(chunk: Uint8Array): Uint8Array; end(): Uint8Array };
  /** The name of a secret that stands whole in it, in any of these forms, or null. */
  find(content: Uint8Array): string | null;
}

/** Characters of a secret that are enough to know it by. Several providers begin all their keys with the same thirteen. */
const HEAD = 16;

interface Needle {
  readonly name: string;
  readonly text: string;
  readonly head: string;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

/** Without secrets everything goes through untouched. */
export function redactor(secrets: readonly Secret[]): Redactor {
  const needles = needlesOf(secrets);
  const byteNeedles = needles.map(({ name, text }) => needle(name, byteText(ENCODER.encode(text))));
  const beginnings = beginningsOf(byteNeedles);
  if (needles.length === 0) return { text: (text) => text, bytes: (content) => content, stream: untouched, find: () => null };

  function bytes(content: Uint8Array): Uint8Array {
    const found = spans(byteText(content), byteNeedles);
    return found.length === 0 ? content : replaced(content, found);
  }

  return {
    text(text) {
      const found = spans(text, needles);
      return pieces(text.length, found).reduce(
        (all, one) => all + (one.name === null ? text.slice(one.from, one.to) : shown(one.name)),
        '',
      );
    },
    bytes,
    stream() {
      let held: Uint8Array = new Uint8Array();
      return {
        push(chunk) {
          const all = held.length === 0 ? chunk : joined([held, chunk]);
          const text = byteText(all);
          const found = spans(text, byteNeedles);
          const open = opening(text, beginnings);
          // A secret that is whole and ends behind the point where another one may begin is taken out now.
          const cut = found.find(({ from, to }) => from < open && open < to)?.to ?? open;
          held = all.slice(cut);
          return replaced(
            all.subarray(0, cut),
            found.filter(({ to }) => to <= cut),
          );
        },
        end() {
          const rest = bytes(held);
          held = new Uint8Array();
          return rest;
        },
      };
    },
    find(content) {
      const text = byteText(content);
      return byteNeedles.find((one) => text.includes(one.text))?.name ?? null;
    },
  };
}

const ENCODER = new TextEncoder();
/** One character a byte, each byte its own: so that one search serves text and bytes. */
const DECODER = new TextDecoder('windows-1252');
const byteText = (content: Uint8Array) => DECODER.decode(content);

const shown = (name: string) => `[redacted:${name}]`;

function untouched() {
  return { push: (chunk: Uint8Array) => chunk, end: () => new Uint8Array() };
}

/** Where secrets stand, in order and apart from each other. */
function spans(text: string, needles: readonly Needle[]): Span[] {
  const found: Span[] = [];
  for (const { name, text: whole, head } of needles) {
    for (let from = text.indexOf(head); from >= 0; from = text.indexOf(head, from + 1)) {
      let length = head.length;
      while (length < whole.length && text[from + length] === whole[length]) length += 1;
      found.push({ from, to: from + length, name });
    }
  }
  if (found.length < 2) return found;
  return found
    .sort((a, b) => a.from - b.from || b.to - a.to)
    .reduce<Span[]>((apart, span) => {
      const last = apart.at(-1);
      if (last === undefined || span.from >= last.to) apart.push(span);
      else if (span.to > last.to) apart[apart.length - 1] = { ...last, to: span.to };
      return apart;
    }, []);
}

/** What a secret may begin with, so that most of a chunk's end is passed over by one look at a character. */
interface Beginnings {
  readonly longest: number;
  readonly byFirst: ReadonlyMap<string, readonly string[]>;
}

function beginningsOf(needles: readonly Needle[]): Beginnings {
  const byFirst = new Map<string, string[]>();
  for (const { text } of needles) byFirst.set(text.charAt(0), [...(byFirst.get(text.charAt(0)) ?? []), text]);
  return { longest: Math.max(0, ...needles.map(({ text }) => text.length)), byFirst };
}

/** From where on the text may be the beginning of a secret whose rest is still to come. */
function opening(text: string, { longest, byFirst }: Beginnings): number {
  for (let from = Math.max(0, text.length - longest + 1); from < text.length; from += 1) {
    const candidates = byFirst.get(text.charAt(from));
    if (candidates?.some((one) => one.length > text.length - from && one.startsWith(text.slice(from)))) return from;
  }
  return text.length;
}

function pieces(length: number, found: readonly Span[]): { from: number; to: number; name: string | null }[] {
  const all: { from: number; to: number; name: string | null }[] = [];
  let at = 0;
  for (const span of found) {
    all.push({ from: at, to: span.from, name: null }, span);
    at = span.to;
  }
  return [...all, { from: at, to: length, name: null }];
}

function replaced(content: Uint8Array, found: readonly Span[]): Uint8Array {
  if (found.length === 0) return content;
  return joined(
    pieces(content.length, found).map(({ from, to, name }) => (name === null ? content.subarray(from, to) : ENCODER.encode(shown(name)))),
  );
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function needlesOf(secrets: readonly Secret[]): Needle[] {
  const known = new Map<string, string>();
  for (const { name, value } of secrets) for (const form of formsOf(value)) if (!known.has(form)) known.set(form, name.replace(/\W/g, '_'));
  return [...known].map(([text, name]) => needle(name, text));
}

function needle(name: string, text: string): Needle {
  return { name, text, head: text.slice(0, HEAD) };
}

/** Every form that a secret may take on its way. */
function formsOf(value: string): string[] {
  const bytes = ENCODER.encode(value);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const quoted = JSON.stringify(value).slice(1, -1);
  const url = encodeURIComponent(value);
  const strict = url.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  // What a text's edges do to an escape does not matter inside of it.
  const core = value.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
  return [
    value,
    hex,
    hex.toUpperCase(),
    ...base64Forms(bytes),
    quoted,
    JSON.stringify(quoted).slice(1, -1),
    ...[url, strict].flatMap((form) => [form, form.replaceAll('%20', '+'), form.replace(/%../g, (code) => code.toLowerCase())]),
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    forTerminal(value),
    ...(core.length < SHORTEST ? [] : [defused(forTerminal(core)), forMarkdown(core)]),
  ].filter((form) => form !== '');
}

/** As it stands inside the base64 of a longer text, wherever it begins there: only the characters that it decides alone. */
function base64Forms(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((before) => {
    const whole = btoa(String.fromCharCode(...joined([new Uint8Array(before), bytes])));
    const own = whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Shorter values are no secrets, or could not be told from other text. */
const SHORTEST = 8;
const SECRET_NAME = /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|APIKEY|(?:^|_)KEY)$/i;
/** Of a whole address, or of one without a scheme: user and password before its host. */
const LOGIN = /(?:^|[\s=]|\/\/)([^\s/?#@:=]*):([^\s/?#@]+)@/g;

/**
 * The secrets that a host's environment holds: values of variables that are named as secrets, and the logins inside of addresses. A value
 * of several lines (a PEM key) counts line by line too.
 */
export function hostSecrets(env: Readonly<Record<string, string | undefined>>): Secret[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const values = [...(SECRET_NAME.test(name) ? [value.trim(), ...linesOf(value)] : []), ...loginsOf(value)];
    return [...new Set(values)].filter(isSecret).map((one) => ({ name, value: one }));
  });
}

function linesOf(value: string): string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  return lines.length < 2 ? [] : lines.filter((line) => line.length >= HEAD && !line.startsWith('-----'));
}

function loginsOf(value: string): string[] {
  return [...value.matchAll(LOGIN)]
    .flatMap(([, user = '', password = '']) => [`${user}:${password}`, `${user}:${password}@`, password, decoded(password)])
    .concat([...value.matchAll(/\/\/([^\s/?#@:]{20,})@/g)].map(([, token = '']) => token));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A run of one character, or a word of two, is a place holder. */
function isSecret(value: string): boolean {
  return value.length >= SHORTEST && new Set(value).size >= 4;
}
