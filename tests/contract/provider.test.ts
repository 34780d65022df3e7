import { fakeProvider } from '../../orchestrator/adapters/provider/fake/index.ts';
import { replayProvider } from '../../orchestrator/adapters/provider/replay/index.ts';
import { providerContract } from './provider.ts';
import { anthropicWire } from './servers/anthropic.ts';
import { ollamaWire } from './servers/ollama.ts';
import { openaiWire } from './servers/openai.ts';
import { answering, running } from './servers/wire.ts';

for (const wire of [ollamaWire, anthropicWire, openaiWire])
  providerContract(
    wire.name,
    async (says) => {
      const { host, close } = await running(wire, says === 'hangs' ? () => undefined : answering(wire, { text: says.reply }));
      return { provider: wire.provider(host), close };
    },
    { servedBy: `${wire.name}/m:7b`, looks: true, hangs: true },
  );

providerContract(
  'fake',
  async (says) => ({
    provider: fakeProvider({ says: () => (says === 'hangs' ? 'hangs' : says.reply), models: ['m:7b'] }),
    close: () => undefined,
  }),
  { servedBy: 'fake/m:7b', looks: true, hangs: true },
);

providerContract(
  'replay',
  async (says) => {
    const reply = says === 'hangs' ? '' : says.reply;
    const recorded = {
      request_sha256: 'h',
      model: 'm:7b',
      served_by: 'ollama/m:7b',
      tokens_in: 3,
      tokens_out: null,
      estimated: false,
      reply,
    };
    return { provider: replayProvider({ strict: true, read: () => JSON.stringify(recorded) }), close: () => undefined };
  },
  { servedBy: 'replay of ollama/m:7b', looks: false, hangs: false },
);
