import { describe, expect, test } from 'vitest';
import { replayProvider } from '../../../orchestrator/adapters/provider/replay/index.ts';

const recorded = {
  request_sha256: 'aa',
  model: 'm',
  served_by: 'relay/m',
  tokens_in: 3,
  tokens_out: null,
  estimated: true,
  reply: '{"x":1}',
};
const question = {
  stage: 'PLAN',
  attempt: 1,
  turn: 2,
  model: 'm',
  messages: [],
  schema: {},
  temperature: 0,
  maxOutputTokens: 1,
  contextTokens: 1,
  deadlineMs: 1,
} as const;
const replay = (files: Record<string, unknown>, strict = false) =>
  replayProvider({
    strict,
    read: (name) => (name in files ? (typeof files[name] === 'string' ? (files[name] as string) : JSON.stringify(files[name])) : null),
  });
const signal = new AbortController().signal;

describe('a replay', () => {
  test('finds a reply by stage, attempt and turn, and says that it costs nothing and who it was', async () => {
    expect(await replay({ 'PLAN-1-2.json': recorded }).complete({ ...question, hash: 'aa' }, signal)).toMatchObject({
      text: '{"x":1}',
      servedBy: 'replay of relay/m',
      tokensIn: 3,
      tokensOut: null,
      estimated: true,
      costUsd: 0,
      replayed: 'fresh',
    });
  });

  test('says drifted when the request is another one, and refuses it when strict', async () => {
    const files = { 'PLAN-1-2.json': recorded };
    expect((await replay(files).complete({ ...question, hash: 'bb' }, signal)).replayed).toBe('drifted');
    await expect(replay(files, true).complete({ ...question, hash: 'bb' }, signal)).rejects.toMatchObject({ code: 'replay_drifted' });
  });

  test.each([[{}], [{ 'PLAN-1-2.json': 'not json' }], [{ 'PLAN-1-2.json': { reply: 'x' } }]])(
    'without a whole recording of the turn ends: %j',
    async (files) => {
      await expect(replay(files).complete({ ...question, hash: 'aa' }, signal)).rejects.toMatchObject({ code: 'replay_exhausted' });
    },
  );
});
