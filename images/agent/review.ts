import { review } from './agents/review.ts';
import { run } from './run.ts';

run(review);
