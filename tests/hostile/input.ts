import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonlTrace } from '../../orchestrator/adapters/trace/jsonl/index.ts';
import { checkRequest, readRequest } from '../../orchestrator/cli/request.ts';
import { readSettings } from '../../orchestrator/cli/settings.ts';
import { Failure } from '../../orchestrator/domain/failure.ts';
import type { Outcome, Play, Plays, Try } from './case.ts';

/** What a person or a disk does wrong. */
export function inputPlays(): Plays {
  const codeOf = (act: () => unknown): Outcome => {
    try {
      act();
      return null;
    } catch (error) {
      if (error instanceof Failure) return error.code;
      throw error;
    }
  };
  const inFolder = <T>(use: (folder: string) => T): T => {
    const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
    try {
      return use(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  return {
    I01: (): Play => {
      const bad: [string, string, Outcome][] = [
        ['nothing', '', 'request_empty'],
        ['white space of many kinds', ' \n\t\u00a0\u2003', 'request_empty'],
        ['a megabyte', 'x'.repeat(1_000_000), 'request_too_long'],
        ['one character too many', 'x'.repeat(8_001), 'request_too_long'],
        ['NUL', 'a\0b', 'request_unreadable'],
        ['a bell', 'a\u0007b', 'request_unreadable'],
        ['an escape sequence', '\u001b[31mred', 'request_unreadable'],
        ['an 8-bit control', 'a\u009bb', 'request_unreadable'],
        ['bytes that are no text', Buffer.from([0x61, 0xff, 0x62]).toString('utf8'), 'request_unreadable'],
      ];
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (;;) yield Buffer.alloc(1_000_000, 'x');
      }
      return {
        control: [{ what: 'a prompt takes any of them', works: () => bad.every(([, text]) => `# The request\n${text}`.endsWith(text)) }],
        attack: [
          ...bad.map(([what, text, must]): Try => ({ what, must, ends: () => codeOf(() => checkRequest(text)) })),
          {
            what: 'a stdin that never ends',
            must: 'request_too_long',
            ends: () =>
              readRequest(['-'], {}, endless()).then(
                () => null,
                (error: unknown) => (error instanceof Failure ? error.code : null),
              ),
          },
        ],
        twin: [
          {
            what: 'a paragraph in any script, with line breaks',
            must: null,
            ends: () => codeOf(() => checkRequest('Preise für 日本 sortieren.\r\n\tBitte.')),
          },
        ],
      };
    },

    I04: (): Play => {
      const files = [
        'nonsense: 1',
        'reworks: -1',
        'turns: 0',
        'time_limit_s: 1e99',
        'model_timeout_s: .inf',
        'temperature: 101',
        'checks: many',
        'models: {PLAN: "a b"}',
        'models: {NOBODY: x}',
        '- a list',
        'reworks: [1',
        'context_tokens: 0.5',
        '__proto__: {turns: 1}',
      ];
      const read = (text: string) =>
        inFolder((folder) => {
          writeFileSync(join(folder, 'factory.yaml'), text);
          return codeOf(() => readSettings({}, {}, folder));
        });
      const named = (text: string, key: string): Outcome =>
        inFolder((folder) => {
          writeFileSync(join(folder, 'factory.yaml'), text);
          try {
            readSettings({}, {}, folder);
            return null;
          } catch (error) {
            return error instanceof Failure && error.detail.includes(key) ? error.code : null;
          }
        });
      return {
        control: [
          {
            what: 'a limit of minus one is a number like any other',
            works: () => Number('-1') < Number('3') && JSON.parse('{"turns":0}').turns === 0,
          },
        ],
        attack: [
          ...files.map((text): Try => ({ what: `\`${text}\` in factory.yaml`, must: 'config_invalid', ends: () => read(text) })),
          ...(['-1', '1e99', 'many', '0x10', 'NaN'] as const).flatMap((value): Try[] => [
            {
              what: `--time-limit ${value}`,
              must: 'config_invalid',
              ends: () => inFolder((folder) => codeOf(() => readSettings({ timeLimit: value }, {}, folder))),
            },
            {
              what: `FACTORY_TURNS=${value}`,
              must: 'config_invalid',
              ends: () => inFolder((folder) => codeOf(() => readSettings({}, { FACTORY_TURNS: value }, folder))),
            },
          ]),
          { what: 'the key is named', must: 'config_invalid', ends: () => named('reworks: -1', 'reworks') },
        ],
        twin: [
          {
            what: 'settings in their bounds',
            must: null,
            ends: () => read('reworks: 0\nturns: 100\nmodels: {PLAN: "qwen2.5-coder:7b"}\n'),
          },
        ],
      };
    },

    C06: (): Play => {
      const event = { type: 'check', stage: 'BUILD', attempt: 1, data: { ok: true } } as const;
      return {
        control: [
          {
            what: 'a log that swallows its errors goes on',
            works: () => {
              let written = 0;
              for (let n = 0; n < 3; n += 1) {
                try {
                  writeFileSync('/dev/full', 'x');
                } catch {
                  // As such logs do.
                }
                written += 1;
              }
              return written === 3;
            },
          },
        ],
        attack: [
          { what: 'the disk is full from the start', must: 'trace_write', ends: () => fullTrace() },
          {
            what: 'the file goes away, and every later line fails too',
            must: 'trace_write',
            ends: () =>
              inFolder((folder) => {
                const trace = jsonlTrace({ path: join(folder, 'trace.jsonl'), run: 'r-1' });
                trace.write(event);
                trace.close();
                codeOf(() => trace.write(event));
                return codeOf(() => trace.write(event));
              }),
          },
        ],
        twin: [
          {
            what: 'a trace that can be written',
            must: null,
            ends: () =>
              inFolder((folder) => {
                const trace = jsonlTrace({ path: join(folder, 'trace.jsonl'), run: 'r-1' });
                const outcome = codeOf(() => trace.write(event));
                trace.close();
                return outcome;
              }),
          },
        ],
      };

      function fullTrace(): Outcome {
        return codeOf(() => {
          const trace = jsonlTrace({ path: '/dev/full', run: 'r-1' });
          for (let n = 0; n < 3; n += 1) trace.write(event);
        });
      }
    },
  };
}
