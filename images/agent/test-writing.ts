import { testWriting } from './agents/test-writing.ts';
import { run } from './run.ts';

run(testWriting);
