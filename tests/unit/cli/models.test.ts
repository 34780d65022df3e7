import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { exportRecording } from '../../../orchestrator/cli/export-recording.ts';
import { modelSettings } from '../../../orchestrator/cli/model-settings.ts';
import { modelsReportSchema, renderModels, reportModels } from '../../../orchestrator/cli/models-report.ts';
import { pricesOf, providersOf } from '../../../orchestrator/cli/providers.ts';
import { openRecordedRun } from '../../../orchestrator/cli/recorded-run.ts';
import { openRecording } from '../../../orchestrator/cli/replay.ts';
import { readSettings } from '../../../orchestrator/cli/settings.ts';
import { redactor } from '../../../orchestrator/domain/redact.ts';
import { anthropicWire } from '../../contract/servers/anthropic.ts';
import { ollamaWire } from '../../contract/servers/ollama.ts';
import { openaiWire } from '../../contract/servers/openai.ts';
import { type Running, running, type Wire } from '../../contract/servers/wire.ts';

const open: Running[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const { close } of open.splice(0)) close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const temporary = () => {
  const folder = mkdtempSync(join(tmpdir(), 'models-'));
  folders.push(folder);
  return folder;
};
async function server(wire: Wire, models: readonly string[]): Promise<Running> {
  const one = await running(wire, (res) => void res.writeHead(500).end(), models);
  open.push(one);
  return one;
}
async function reported(models: readonly string[], env: NodeJS.ProcessEnv, allowPaid = false) {
  const settings = readSettings({ model: models, allowPaid }, env, '/nonexistent');
  const { source, date } = pricesOf(settings);
  return modelsReportSchema.parse(
    await reportModels(modelSettings(providersOf(settings, env), settings), { allowPaid, prices: { source, date } }),
  );
}

describe('factory models', () => {
  test('says of every stage who is asked, what it costs and takes, and asks for no completion', async () => {
    const ollama = await server(ollamaWire, ['m:7b']);
    const openai = await server(openaiWire, ['served']);
    const env = { OLLAMA_HOST: ollama.host, OPENAI_BASE_URL: `${openai.host}/v1` };
    const { models, exit_code } = await reported(['m:7b', 'REVIEW=openai:served,m:7b'], env);
    expect(exit_code).toBe(0);
    expect(models.map(({ stage, provider, model, reached }) => [stage, provider, model, reached])).toEqual([
      ['PLAN', 'ollama', 'm:7b', true],
      ['SCOUT', 'ollama', 'm:7b', true],
      ['BUILD', 'ollama', 'm:7b', true],
      ['TEST', 'ollama', 'm:7b', true],
      ['REVIEW', 'openai', 'served', true],
      ['REVIEW', 'ollama', 'm:7b', true],
    ]);
    expect(models[0]).toMatchObject({ price: { in_usd: 0, out_usd: 0 }, paid: false, context_made: 4_096, context_asked: 32_768 });
    expect(models[4]).toMatchObject({ price: { in_usd: 0, out_usd: 0 }, context_made: 8_192 });
    expect([...ollama.asked, ...openai.asked].filter(({ body }) => 'messages' in body)).toEqual([]);
  });

  test('says why a model cannot be asked, and ends as a run would', async () => {
    const ollama = await server(ollamaWire, ['m:7b']);
    const { models, exit_code } = await reported(['m:7b', 'SCOUT=gone:1b'], { OLLAMA_HOST: ollama.host });
    expect(models[1]).toMatchObject({ reached: false, code: 'model_missing', why: expect.stringContaining('gone:1b') });
    expect(exit_code).toBe(3);
    const text = renderModels(await reported(['m:7b', 'SCOUT=gone:1b'], { OLLAMA_HOST: ollama.host }));
    expect(text).toMatch(/^ok PLAN .*\$0 .*context 4,096, asked 32,768, less than is asked for/m);
    expect(text).toMatch(/^no SCOUT /m);
  });

  test('does not even look at what costs money without leave; with it, the price is shown and nothing is spent', async () => {
    const anthropic = await server(anthropicWire, ['claude-haiku-4-5']);
    const env = { ANTHROPIC_BASE_URL: anthropic.host, ANTHROPIC_API_KEY: 'sk-a' };
    const closed = await reported(['anthropic:claude-haiku-4-5'], { ...env, ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' });
    expect(closed.models[0]).toMatchObject({ reached: null, code: 'paid_not_allowed', paid: true });
    expect(closed.exit_code).toBe(2);
    const allowed = await reported(['anthropic:claude-haiku-4-5'], env, true);
    expect(allowed.models[0]).toMatchObject({ reached: true, paid: true, price: { in_usd: 1.25, out_usd: 5 }, context_made: 200_000 });
    expect(anthropic.asked).toEqual([]);
  });

  test('knows no price of a model that is on no list, and says so', async () => {
    const { models } = await reported(['anthropic:unheard-of'], {});
    expect(models[0]).toMatchObject({ price: null, paid: true });
  });
});

describe('a recording that is passed on', () => {
  const result = {
    ...{
      run: 'shop-1',
      outcome: 'pr',
      code: null,
      stage: null,
      reason: null,
      branch: 'b',
      commit: 'c',
      base: 'b',
      base_tree: 't',
      cost_usd: 0,
    },
    ...{
      ms_to_pr: 1,
      first_try: true,
      reworks: 0,
      served_by: ['ollama/m'],
      replayed: null,
      started_at: '2026-01-01T00:00:00.000Z',
      exit_code: 0,
    },
  };
  function runsFolder(): string {
    const runs = temporary();
    const files: Record<string, string> = {
      'request.txt': 'Add it.',
      'result.json': JSON.stringify(result),
      'trace.jsonl': '{}\n',
      'evidence/recording/PLAN-1-1.json': JSON.stringify({ reply: 'with hunter2hunter2hunter2 inside' }),
      'evidence/recording/notes.txt': 'no reply',
      'evidence/01-holder-1/container.log': 'log',
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(runs, 'shop-1', path, '..'), { recursive: true });
      writeFileSync(join(runs, 'shop-1', path), text);
    }
    return runs;
  }
  const secrets = redactor([{ name: 'TOKEN', value: 'hunter2hunter2hunter2' }]);

  test('holds what a replay reads, without secrets and nothing else, and is opened by its folder', () => {
    const [runs, to] = [runsFolder(), join(temporary(), 'shop-1')];
    expect(exportRecording({ runsFolder: runs, run: 'shop-1' }, to, secrets)).toEqual([
      'request.txt',
      'result.json',
      'evidence/recording/PLAN-1-1.json',
    ]);
    expect(readdirSync(to).sort()).toEqual(['evidence', 'request.txt', 'result.json']);
    expect(readdirSync(join(to, 'evidence'))).toEqual(['recording']);
    const opened = openRecording('/nowhere', to);
    expect(opened.read('PLAN-1-1.json')).toContain('[redacted:TOKEN]');
    expect(opened.replies).toEqual([{ stage: 'PLAN', attempt: 1, turn: 1 }]);
    expect(opened.request).toBe(openRecordedRun(runs, 'shop-1').request);
  });

  test('never overwrites anything, and is made of a run that has ended', () => {
    const runs = runsFolder();
    const to = temporary();
    writeFileSync(join(to, 'mine'), '');
    expect(() => exportRecording({ runsFolder: runs, run: 'shop-1' }, to, secrets)).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => exportRecording({ runsFolder: runs, run: 'none' }, to, secrets)).toThrow(expect.objectContaining({ code: 'run_unknown' }));
    expect(readFileSync(join(to, 'mine'), 'utf8')).toBe('');
  });
});
