import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Console } from '../console.ts';
import { metricsPages } from '../metrics/pages.ts';
import { factoryRoot } from '../setup/root.ts';

/** `factory metrics`: write the pages that are made from the kept runs anew. */
export function metricsCommand(program: Command, console: Console): void {
  program
    .command('metrics', { hidden: true })
    .description('write METRICS.md and docs/asking.md from the runs that are kept')
    .action(() => {
      for (const [path, text] of metricsPages(factoryRoot())) {
        writeFileSync(join(factoryRoot(), path), text);
        console.err(`${path}\n`);
      }
    });
}
