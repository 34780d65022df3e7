import type { Json } from '../domain/json.ts';
import type { ModelStage } from '../domain/stage.ts';
import type { Transcript } from '../domain/transcript.ts';

export interface CompletionRequest {
  readonly stage: ModelStage;
  /** Which execution of the stage in this run, from 1; and which completion in it, from 1. Together with the stage the address of a recorded reply. */
  readonly attempt: number;
  readonly turn: number;
  readonly model: string;
  readonly messages: Transcript;
  /** SHA-256 of messages and schema: tells a replay whether it was recorded for exactly this. */
  readonly hash: string;
  /** JSON schema that the reply must satisfy. */
  readonly schema: Json;
  readonly temperature: number;
  readonly maxOutputTokens: number;
  readonly contextTokens: number;
  /** Total deadline in milliseconds, slow drip included. */
  readonly deadlineMs: number;
}

export interface Completion {
  readonly text: string;
  /** `provider/model` of whoever in the end answered. */
  readonly servedBy: string;
  /** null: the provider did not say. */
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  /** True where the counts are estimates. */
  readonly estimated: boolean;
  /** US dollars; null for unknown. */
  readonly costUsd: number | null;
  readonly ms: number;
  /** Set by replay: whether the request is the one that was recorded. */
  readonly replayed: 'fresh' | 'drifted' | null;
}

/**
 * Somebody who answers. Duties: the deadline is total; a reply cut by length is `model_truncated`, never a shorter answer; a refused
 * connection or an error status is `model_unavailable` / `model_missing` with the server's words; nothing is retried in here; an
 * aborted signal ends the call promptly.
 */
export interface Provider {
  readonly name: string;
  /** Whether these models can be asked: `model_unavailable` or `model_missing`, within 10 s, with what was tried. */
  ready(models: readonly string[]): Promise<void>;
  complete(request: CompletionRequest, signal: AbortSignal): Promise<Completion>;
}
