import { createHash } from 'node:crypto';
import { receiptSchema } from '../domain/receipt.ts';
import type { Records } from '../ports/records.ts';
import type { Trace } from '../ports/trace.ts';

const RECEIPT = 'receipt.json';

/** Knows every file that a run writes into its folder, and in the end writes what each of them is into the receipt. */
export interface Seal {
  /** The same records, watched. */
  readonly records: Records;
  /** To be called when nothing more will be written. A run without a receipt has proven nothing and gets no seal. */
  close(trace: Pick<Trace, 'head'>): void;
}

export function openSeal(records: Records): Seal {
  const written = new Set<string>();
  const noted =
    <T>(write: (path: string, content: T) => void) =>
    (path: string, content: T) => {
      written.add(path);
      write(path, content);
    };

  function close(trace: Pick<Trace, 'head'>): void {
    const bytes = records.read(RECEIPT);
    if (bytes === null) return;
    const receipt = receiptSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    const paths = [...written].filter((path) => path !== RECEIPT).sort();
    const files = Object.fromEntries(
      paths.flatMap((path) => {
        const content = records.read(path);
        return content === null ? [] : [[path, createHash('sha256').update(content).digest('hex')]];
      }),
    );
    records.writeJson(RECEIPT, { ...receipt, seal: { trace_head: trace.head(), files } });
  }

  return {
    records: { ...records, write: noted(records.write), writeJson: noted(records.writeJson), append: noted(records.append) },
    close,
  };
}
