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

/** US dollars for a million tokens. */
export interface Price {
  readonly inUsd: number;
  readonly outUsd: number;
}

/** How far a reply has come. Counted as it arrives, so about: the completion's own figure is the one that counts. */
export interface SoFar {
  /** 0 while the prompt is read. */
  readonly outTokens: number;
}

/**
 * Somebody who answers. Duties: the deadline is total; a reply cut by length is `model_truncated`, never a shorter answer; a refused
 * connection or an error status is `model_unavailable` / `model_missing` with the server's words; nothing is retried in here; an
 * aborted signal ends the call promptly; `onProgress`, where a reply comes in parts, is told of each and of none after the end.
 */
export interface Provider {
  readonly name: string;
  /** True where it costs nobody anything, so that a price that is not known is $0. */
  readonly local?: boolean;
  /** What a model costs at its dearest rate; null, or no such method: not known, which is never free. */
  price?(model: string): Price | null;
  /** Whether the answer is at hand from a recording, so that nothing is paid for it. */
  recorded?(request: Pick<CompletionRequest, 'stage' | 'attempt' | 'turn' | 'hash'>): boolean;
  /** Tokens that a model takes at most, prompt and reply together; null, or no such method: not known. */
  contextTokens?(model: string): Promise<number | null>;
  /** Whether these models can be asked: `model_unavailable` or `model_missing`, within 10 s, with what was tried. */
  ready(models: readonly string[]): Promise<void>;
  complete(request: CompletionRequest, signal: AbortSignal, onProgress?: (soFar: SoFar) => void): Promise<Completion>;
}
