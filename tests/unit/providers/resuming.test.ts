import { describe, expect, test } from 'vitest';
import { resuming } from '../../../orchestrator/adapters/provider/replay/resuming.ts';
import type { ModelStage } from '../../../orchestrator/domain/stage.ts';
import type { CompletionRequest, Provider } from '../../../orchestrator/ports/provider.ts';

const signal = new AbortController().signal;
const recorded = (hash: string) =>
  JSON.stringify({ request_sha256: hash, model: 'm', served_by: 'ollama/m', tokens_in: 3, tokens_out: 4, estimated: false, reply: 'kept' });

/** A recording, and a live model that counts what it is asked. */
function setUp(files: Record<string, string>, again: (stage: string, attempt: number) => boolean = () => false) {
  const asked: string[] = [];
  const live: Provider = {
    name: 'live',
    async ready() {},
    async complete({ stage, attempt, turn }) {
      asked.push(`${stage}-${attempt}-${turn}`);
      return { text: 'new', servedBy: 'ollama/m', tokensIn: 1, tokensOut: 1, estimated: false, costUsd: 0.5, ms: 1, replayed: null };
    },
  };
  const provider = resuming({ read: (name) => files[name] ?? null, again: ({ stage, attempt }) => again(stage, attempt) })(live);
  const ask = (stage: ModelStage, attempt: number, turn: number, hash: string) =>
    provider.complete({ stage, attempt, turn, hash, model: 'm' } as CompletionRequest, signal);
  return { asked, ask };
}

describe('a provider that goes on from a recording', () => {
  test('asks nothing again that is recorded, at no cost, and the live model from there on', async () => {
    const { asked, ask } = setUp({ 'PLAN-1-1.json': recorded('aa'), 'SCOUT-1-1.json': recorded('older') });
    expect(await ask('PLAN', 1, 1, 'aa')).toMatchObject({ text: 'kept', costUsd: 0, servedBy: 'replay of ollama/m', replayed: 'fresh' });
    expect(await ask('SCOUT', 1, 1, 'newer')).toMatchObject({ text: 'kept', replayed: 'drifted' });
    expect(await ask('BUILD', 1, 1, 'cc')).toMatchObject({ text: 'new', costUsd: 0.5, replayed: null });
    expect(asked).toEqual(['BUILD-1-1']);
  });

  test('takes over after a live answer only what was said to exactly the same question', async () => {
    const { asked, ask } = setUp({ 'TEST-1-1.json': recorded('same'), 'REVIEW-1-1.json': recorded('of the old diff') });
    await ask('BUILD', 1, 1, 'aa');
    expect((await ask('TEST', 1, 1, 'same')).text).toBe('kept');
    expect((await ask('REVIEW', 1, 1, 'of the new diff')).text).toBe('new');
    expect(asked).toEqual(['BUILD-1-1', 'REVIEW-1-1']);
  });

  test('never takes over what is to be asked again, nor what cannot be read', async () => {
    const files = { 'BUILD-1-1.json': recorded('aa'), 'BUILD-2-1.json': recorded('bb'), 'REVIEW-1-1.json': 'half a fi' };
    const { asked, ask } = setUp(files, (stage, attempt) => stage === 'BUILD' && attempt >= 2);
    expect((await ask('BUILD', 1, 1, 'aa')).text).toBe('kept');
    expect((await ask('BUILD', 2, 1, 'bb')).text).toBe('new');
    expect((await ask('REVIEW', 1, 1, 'cc')).text).toBe('new');
    expect(asked).toEqual(['BUILD-2-1', 'REVIEW-1-1']);
  });
});
