import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Console } from '../console.ts';
import { generatedPages } from '../docs/pages.ts';
import { factoryRoot } from '../setup/root.ts';

/** `factory docs`: write the generated pages of docs/ anew. */
export function docsCommand(program: Command, console: Console): void {
  program
    .command('docs', { hidden: true })
    .description('write the pages of docs/ that are made from the catalogue and the policies')
    .action(() => {
      for (const [path, text] of generatedPages(factoryRoot())) {
        writeFileSync(join(factoryRoot(), path), text);
        console.err(`${path}\n`);
      }
    });
}
