import type { ServerResponse } from 'node:http';
import { ollamaProvider } from '../../orchestrator/adapters/provider/ollama/index.ts';
import { Failure } from '../../orchestrator/domain/failure.ts';
import { openBudget } from '../../orchestrator/pipeline/budget.ts';
import type { Completion } from '../../orchestrator/ports/provider.ts';
import { asking, choice, clock, doing } from '../unit/chain/stage.ts';
import type { Outcome, Play, Plays, Try } from './case.ts';

type WithServer = <T>(handler: (res: ServerResponse) => void, use: (host: string) => Promise<T>) => Promise<T>;

/** Faults that end, or do not, in the host's own asking: who is asked, how often, and what it may cost. `answer`: a server's whole and good reply. */
export function askedPlays(withServer: WithServer, answer: string): Plays {
  const codeOf = (work: Promise<unknown>): Promise<Outcome> =>
    work.then(
      () => null,
      (error: unknown) => (error instanceof Failure ? error.code : 'bug'),
    );

  return {
    M01: (): Play => {
      const status = (code: number) => (res: ServerResponse) => void res.writeHead(code).end('{"error":"not now"}');
      const reset = (res: ServerResponse) => void res.socket?.destroy();
      /** A chain of one server that does this, and then that; how it ends, and how often it was asked. */
      const ends = async (does: readonly ((res: ServerResponse) => void)[], second: readonly string[] = []) => {
        let asked = 0;
        const handler = (res: ServerResponse) => {
          asked += 1;
          does[Math.min(asked, does.length) - 1]?.(res);
        };
        const code = await withServer(handler, (host) => {
          const first = choice(ollamaProvider({ host }), { model: 'm:7b', maxOutputTokens: 100 });
          const others = second.map((said) => choice(doing('second', [said])));
          return codeOf(asking([first, ...others], { clock: clock() }).ask());
        });
        return { code, asked };
      };
      const answers = (res: ServerResponse) => void res.end(answer);
      const always = (what: string, does: (res: ServerResponse) => void): Try => ({
        what: `${what}, for ever: asked three times and no more`,
        must: 'model_unavailable',
        ends: async () => {
          const { code, asked } = await ends([does]);
          return asked === 3 ? code : null;
        },
      });
      return {
        control: [
          {
            what: 'who asks once has no answer of a server that was busy for a moment',
            works: () =>
              withServer(status(429), async (host) => {
                const once = asking([choice(ollamaProvider({ host }), { model: 'm:7b' })], { clock: clock(), tries: 1 });
                return (await codeOf(once.ask())) === 'model_unavailable';
              }),
          },
        ],
        attack: [always('429', status(429)), always('500', status(500)), always('503', status(503)), always('a reset', reset)],
        twin: [
          { what: 'busy twice, and then an answer', must: null, ends: async () => (await ends([status(429), status(503), answers])).code },
          { what: 'reset once, and then an answer', must: null, ends: async () => (await ends([reset, answers])).code },
          {
            what: 'busy for ever, and a second model that answers',
            must: null,
            ends: async () => (await ends([status(500)], ['{}'])).code,
          },
        ],
      };
    },

    M07: (): Play => {
      const price = () => ({ inUsd: 10, outUsd: 100 });
      /** Asks until it is stopped; null where more than five calls were made, which at their worst would pass the limit. */
      const until = async (limits: { usd?: number; tokens?: number }, figures: Partial<Completion>): Promise<Outcome> => {
        const time = clock();
        const provider = doing('a', [figures], { price });
        const budget = openBudget({ budgets: { run: limits, stage: {} }, now: time.now });
        const { ask } = asking([choice(provider, { maxOutputTokens: 1_000 })], { budget, clock: time });
        for (let turn = 1; turn <= 50; turn += 1) {
          const code = await codeOf(ask(turn));
          if (code !== null) return provider.asked.length <= 5 ? code : null;
        }
        return null;
      };
      const odd: Readonly<Record<string, number | null>> = {
        missing: null,
        negative: -1_000_000,
        'not a number': Number.NaN,
        'half a token': 0.5,
        'without end': Number.POSITIVE_INFINITY,
      };
      return {
        control: [
          {
            what: 'who adds what he is told is never at his limit',
            works: () =>
              [
                [-1_000, -1_000],
                [2, Number.NaN],
              ].every((told) => !(told.reduce((sum, usd) => sum + usd, 0) > 1)),
          },
        ],
        attack: [
          ...Object.entries(odd).flatMap(([what, figure]): Try[] => [
            { what: `dollars: ${what}`, must: 'budget_usd', ends: () => until({ usd: 0.6 }, { costUsd: figure === 0.5 ? -0.5 : figure }) },
            {
              what: `tokens: ${what}`,
              must: 'budget_tokens',
              ends: () => until({ tokens: 11_000 }, { tokensIn: figure, tokensOut: figure }),
            },
          ]),
          { what: 'inflated: the next call is not made', must: 'budget_tokens', ends: () => until({ tokens: 11_000 }, { tokensIn: 1e12 }) },
        ],
        twin: [
          {
            what: 'honest figures: fifty calls fit where their worst cases would not',
            must: null,
            ends: () => until({ tokens: 11_000, usd: 0.6 }, { tokensIn: 100, tokensOut: 10, costUsd: 0.002 }),
          },
        ],
      };
    },
  };
}
