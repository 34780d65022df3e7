import { CATALOGUE, type FailureCode } from '../../domain/failure.ts';
import { canHop, canRetry } from '../../domain/model-failures.ts';

/** Providers that speak to a server. */
export const WIRES = ['ollama', 'anthropic', 'openai'] as const;
export type WireName = (typeof WIRES)[number];

/** What a call comes to; null where a server of this kind cannot fail so. */
type Outcome = FailureCode | 'answers' | 'aborted' | null;

/** One way in which a server of models fails, and what a call to each provider comes to. The contract's tests play every one of them. */
export interface ProviderFault {
  readonly id: string;
  readonly fault: string;
  /** What is seen, where a code alone does not say it. */
  readonly seen?: string;
  readonly comesTo: Readonly<Record<WireName, Outcome>>;
}

const all = (outcome: Outcome): ProviderFault['comesTo'] => ({ ollama: outcome, anthropic: outcome, openai: outcome });
const hosted = (outcome: Outcome): ProviderFault['comesTo'] => ({ ollama: null, anthropic: outcome, openai: outcome });

export const PROVIDER_FAULTS = [
  { id: 'refused', fault: 'nobody listens there', comesTo: all('model_unavailable') },
  { id: 'no-name', fault: 'the server’s name is not known', comesTo: all('model_unavailable') },
  { id: 'no-tls', fault: 'https, and the server speaks none', comesTo: all('model_unavailable') },
  { id: 'reset', fault: 'it hangs up without an answer', comesTo: all('model_unavailable') },
  { id: 'hang', fault: 'it takes the question and says nothing', comesTo: all('model_timeout') },
  { id: 'drip', fault: 'a token now and then, for ever', seen: 'the deadline is for all of it', comesTo: all('model_timeout') },
  { id: 'begins', fault: 'the reply begins and stops', comesTo: all('model_timeout') },
  { id: 'cut', fault: 'it hangs up in the middle of the reply', comesTo: all('model_unavailable') },
  { id: 'endless', fault: 'the reply ends without the word that it is whole', comesTo: all('model_unavailable') },
  { id: 'error-inside', fault: 'an error in the middle of the reply', comesTo: all('model_unavailable') },
  { id: '400', fault: '400: the question is not taken', comesTo: all('model_request_invalid') },
  {
    id: '400-form',
    fault: '400: the form of the reply is not taken',
    seen: 'asked again in a weaker form, which is remembered',
    comesTo: hosted('answers'),
  },
  { id: '400-long', fault: '400: the prompt is longer than the context', comesTo: all('model_too_small') },
  { id: '401', fault: '401: the key is wrong', seen: 'the key is in no word of it', comesTo: all('model_forbidden') },
  { id: '403', fault: '403: the account may not', comesTo: all('model_forbidden') },
  { id: '404', fault: '404: no such model', comesTo: all('model_missing') },
  { id: '404-page', fault: '404: no such page', comesTo: all('model_unavailable') },
  { id: '429', fault: '429', comesTo: all('model_unavailable') },
  { id: '429-after', fault: '429 with Retry-After', seen: 'the wait is told to who asks', comesTo: all('model_unavailable') },
  { id: '429-money', fault: '429: the quota is used up', comesTo: hosted('model_forbidden') },
  { id: '500', fault: '500', comesTo: all('model_unavailable') },
  { id: '529', fault: '529, 503: too busy', comesTo: all('model_unavailable') },
  { id: '307', fault: '307: asks to go elsewhere', seen: 'a key goes nowhere else', comesTo: hosted('model_unavailable') },
  { id: 'html-error', fault: 'an error page of HTML', comesTo: all('model_unavailable') },
  { id: 'html', fault: 'a page of HTML with status 200', comesTo: all('model_unavailable') },
  { id: 'no-json', fault: 'a line of the reply is no JSON', comesTo: all('model_unavailable') },
  { id: 'too-long', fault: 'a reply of more than 32 MB', comesTo: all('model_unavailable') },
  { id: 'one-line', fault: 'a line without an end', comesTo: all('model_unavailable') },
  { id: 'half-character', fault: 'a chunk ends in the middle of a character', comesTo: all('answers') },
  { id: 'length', fault: 'cut by length', seen: 'what it cost is told', comesTo: all('model_truncated') },
  {
    id: 'declined',
    fault: 'the model declines, or a filter takes the reply out',
    seen: 'what it cost is told',
    comesTo: hosted('model_declined'),
  },
  { id: 'empty', fault: 'an empty reply', seen: 'one repair turn, then `model_malformed`', comesTo: all('answers') },
  {
    id: 'other-model',
    fault: 'another model answers',
    seen: '`served_by` names it; its price, not the asked one’s',
    comesTo: all('answers'),
  },
  { id: 'no-usage', fault: 'no counts', seen: 'counts unknown, cost unknown unless it is local', comesTo: all('answers') },
  { id: 'bad-usage', fault: 'counts that are negative, no numbers, or beyond reason', seen: 'as no counts', comesTo: all('answers') },
  { id: 'aborted', fault: 'the run is cancelled meanwhile', seen: 'ends at once, with the run’s own reason', comesTo: all('aborted') },
] as const satisfies readonly ProviderFault[];

export type ProviderFaultId = (typeof PROVIDER_FAULTS)[number]['id'];

/** `docs/provider-faults.md`. */
export function providerFaultsPage(): string {
  const rows = PROVIDER_FAULTS.map((one: ProviderFault) => {
    const cells = WIRES.map((wire) => shown(one.comesTo[wire]));
    return `| ${one.fault} | ${cells.join(' | ')} | ${one.seen ?? ''} |`;
  });
  const codes = (Object.keys(CATALOGUE) as FailureCode[]).filter((code) => code.startsWith('model_'));
  const next = codes.map(
    (code) => `| \`${code}\` | ${canRetry(code) ? 'yes' : 'no'} | ${canHop(code) ? 'yes' : 'no'} | ${CATALOGUE[code].sentence} |`,
  );
  return `${[HEAD, ['| fault | Ollama | Anthropic | OpenAI-compatible | seen |', '|---|---|---|---|---|', ...rows].join('\n'), NEXT, ['| code | again | next model | what it means |', '|---|---|---|---|', ...next].join('\n')].join('\n\n')}\n`;
}

const HEAD = `# What a failing server of models comes to

Each row is played by the contract's tests (\`tests/contract/provider-faults.test.ts\`) against a local server that speaks the provider's own wire protocol, streaming included. This page is made
from the same table by \`make docs\`. \`answers\`: the reply is used. An empty cell: a server of this kind cannot fail so.`;

const NEXT = `## And then

\`again\`: the same model is asked once more after a wait. \`next model\`: the next one of the stage's chain is asked. Where neither helps, the run ends with the code.`;

function shown(outcome: Outcome): string {
  if (outcome === null) return '';
  return outcome === 'answers' || outcome === 'aborted' ? outcome : `\`${outcome}\``;
}
