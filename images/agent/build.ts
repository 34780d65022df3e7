import { build } from './agents/build.ts';
import { run } from './run.ts';

run(build);
