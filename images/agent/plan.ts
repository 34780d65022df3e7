import { plan } from './agents/plan.ts';
import { run } from './run.ts';

run(plan);
