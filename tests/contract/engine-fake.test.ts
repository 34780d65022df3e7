import { describe } from 'vitest';
import { fakeEngine } from '../../orchestrator/adapters/engine/fake/fake.ts';
import { engineContract } from './engine.ts';
import { interpret } from './engine-steps.ts';

describe('the fake engine', () => {
  engineContract(async () => ({ engine: fakeEngine({ behave: () => interpret }), image: 'none' }));
});
