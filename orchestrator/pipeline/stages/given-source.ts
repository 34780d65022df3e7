import { Failure } from '../../domain/failure.ts';
import type { Change } from '../../domain/tree.ts';
import { counted } from '../../gates/words.ts';
import { stage } from '../stage.ts';

/** BUILD where the source patch is given: it is handed over as it is, no model is asked. VALIDATE judges it next, as ever. */
export const givenSource = (source: readonly Change[]) =>
  stage({
    id: 'BUILD',
    stage: 'BUILD',
    needs: ['planned', 'brief', 'ground'],
    gives: 'source',
    async run() {
      if (source.length === 0) throw new Failure('patch_empty', 'the given source patch changes no file');
      return { kind: 'done', product: source, summary: `given, no model was asked: ${counted(source.length, 'file')} changed` };
    },
  });
