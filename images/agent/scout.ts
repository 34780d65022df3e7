import { scout } from './agents/scout.ts';
import { run } from './run.ts';

run(scout);
