import { hostSecrets, type Redactor, redactor } from '../domain/redact.ts';

/** Knows the secrets of this environment, and the logins inside of addresses that were given otherwise. */
export function hostRedactor(env: NodeJS.ProcessEnv, addresses: readonly (string | undefined)[]): Redactor {
  return redactor([...hostSecrets(env), ...hostSecrets({ address: addresses.join(' ') })]);
}

/** The addresses of servers on a command line. */
export function addressesIn(words: readonly string[]): string[] {
  return words.filter((word, i) => /^--(?:ollama|docker)-host=/.test(word) || /^--(?:ollama|docker)-host$/.test(words[i - 1] ?? ''));
}
