/** Sections of an ini file as Python's configparser reads it: `section -> key -> value`, continued lines joined by newlines. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>;

export function parseIni(text: string): Ini {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | null = null;
  let key: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const header = /^\[(.+)\]\s*$/.exec(line)?.[1];
    const pair = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line);
    if (header !== undefined) {
      section = sections.get(header) ?? new Map();
      sections.set(header, section);
      key = null;
    } else if (section !== null && key !== null && /^\s/.test(line)) {
      section.set(key, `${section.get(key) ?? ''}\n${line.trim()}`.trim());
    } else if (section !== null && pair !== null) {
      key = pair[1] as string;
      section.set(key, (pair[2] ?? '').trim());
    }
  }
  return sections;
}

/** The entries of a value that is a list: by line, or by comma where it is one line. */
export function listOfIni(value: string): string[] {
  return value
    .split(value.includes('\n') ? /\n/ : /,/)
    .map((item) => item.trim().replace(/,$/, ''))
    .filter((item) => item !== '');
}
