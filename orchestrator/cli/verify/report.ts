import { oneLine } from '../../domain/untrusted.ts';
import type { Check } from './check.ts';

/** What `factory verify` found. */
export interface VerifyReport {
  readonly run: string;
  readonly folder: string;
  /** Whether nothing that was looked at fails. */
  readonly ok: boolean;
  /** Whether the gates ran again; they do not over a folder that was changed. */
  readonly gates_run: boolean;
  readonly checks: readonly Check[];
  readonly ms: number;
}

const MARK = { true: 'ok', false: 'no', null: '--' } as const;
const WHAT_COLUMNS = 32;

/** A line a check: ` ok trace.jsonl   87 events, …`, cut to the terminal except where something is wrong. */
export function reportText({ run, checks }: Pick<VerifyReport, 'run' | 'checks'>, columns: number): string {
  const wide = Math.min(WHAT_COLUMNS, Math.max(...checks.map(({ what }) => what.length)));
  const lines = checks.map(({ what, ok, says }) => {
    const name = what.length > wide ? what : what.padEnd(wide);
    const line = ` ${MARK[`${ok}`]} ${name}  ${oneLine(says, 600)}`;
    return ok === false || line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
  });
  const count = (of: boolean | null) => checks.filter(({ ok }) => ok === of).length;
  const rest = count(null) === 0 ? '' : `, ${count(null)} cannot be told`;
  return `verify ${run}\n${lines.join('\n')}\n${count(true)} hold, ${count(false)} do not${rest}\n`;
}
