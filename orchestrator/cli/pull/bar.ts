import type { Pulling } from '../../domain/pulling.ts';
import { oneLine } from '../../domain/untrusted.ts';
import type { Console } from '../console.ts';

/** A terminal is not drawn on more often, in milliseconds. */
const REDRAW_MS = 100;
const WIDTH = 20;
const STEP = 10;

/** How far one download is. */
export interface Bar {
  show(pulling: Pulling): void;
  /** It ended; `how` is one or two words. */
  end(how: string): void;
}

/** On a terminal one line that moves; elsewhere a line at the beginning, after every tenth, and at the end. */
export function pullBar(screen: Pick<Console, 'err' | 'tty' | 'columns'>, what: string, now: () => number = Date.now): Bar {
  const name = oneLine(what, 100);
  const began = now();
  let drawn = Number.NEGATIVE_INFINITY;
  let told = 0;
  let last: Pulling = { status: '', doneBytes: 0, totalBytes: null };
  if (!screen.tty) screen.err(`    pull ${name}\n`);

  return {
    show(pulling) {
      last = pulling;
      const percent = percentOf(pulling);
      if (screen.tty && now() - drawn >= REDRAW_MS) {
        drawn = now();
        const far = percent === null ? oneLine(pulling.status, 60) : `${cells(percent)} ${figures(pulling, percent)}`;
        screen.err(`\r\u001b[2K${[...` .. pull ${name}  ${far}`].slice(0, screen.columns - 1).join('')}`);
      }
      // Parts that are found late make a whole grow: what was told once is not told again.
      if (screen.tty || percent === null || percent < told + STEP) return;
      told = percent - (percent % STEP);
      screen.err(`    pull ${name}  ${figures(pulling, percent)}\n`);
    },
    end(how) {
      const size = last.totalBytes === null ? '' : `  ${sizeOf(last.doneBytes)}`;
      screen.err(`${screen.tty ? '\r\u001b[2K' : ''}    pull ${name}: ${how}${size} in ${((now() - began) / 1000).toFixed(1)}s\n`);
    },
  };
}

function percentOf({ doneBytes, totalBytes }: Pulling): number | null {
  return totalBytes === null ? null : Math.floor((100 * doneBytes) / totalBytes);
}

function cells(percent: number): string {
  const full = Math.round((percent * WIDTH) / 100);
  return `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}]`;
}

function figures({ doneBytes, totalBytes }: Pulling, percent: number): string {
  return `${String(percent).padStart(3)} %  ${sizeOf(doneBytes)} of ${sizeOf(totalBytes ?? 0)}`;
}

/** `640 B`, `398 MB`, `4.7 GB`. */
function sizeOf(bytes: number): string {
  if (bytes < 1e6) return bytes < 1e3 ? `${bytes} B` : `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
