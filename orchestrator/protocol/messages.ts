/** What crosses an agent container's stdin and stdout: one JSON object a line. The host believes none of it before these schemas do. */
import { z } from 'zod';
import { json } from '../domain/json.ts';

/** Most characters of tool output an agent may send back in one turn. */
export const MAX_TURN_TEXT = 200_000;

/** From the agent. */
export const agentMessageSchema = z.discriminatedUnion('type', [
  /** Ready; the first line of every agent. */
  z.strictObject({ type: z.literal('hello'), agent: z.string().max(40), tools: z.array(z.string().max(40)).max(20) }),
  /** Ask for the next completion. `add` is the user message to append first (tool results), null on the first turn. */
  z.strictObject({ type: z.literal('turn'), add: z.string().max(MAX_TURN_TEXT).nullable() }),
  /** The last reply's work is in the tree: judge it. */
  z.strictObject({ type: z.literal('hand_over') }),
]);
export type AgentMessage = z.infer<typeof agentMessageSchema>;

/** From the host. */
export const hostMessageSchema = z.discriminatedUnion('type', [
  /** First line: where the tree is mounted and which caps hold. */
  z.strictObject({
    type: z.literal('start'),
    roots: z.record(z.string().max(20), z.string().max(200)),
    max_read_bytes: z.int(),
    max_file_bytes: z.int(),
    /** The one folder, relative to the root, that may be written to. Absent: the mounts alone decide. */
    write_under: z.string().max(200).optional(),
    /** Longest line the host will read; the agent cuts its text to fit. `converse` fills it in. */
    max_line_bytes: z.int().optional(),
  }),
  /** A reply that passed its stage's turn schema. */
  z.strictObject({ type: z.literal('reply'), turn: json }),
  /** The work handed over was found wanting: these words are the next user message, sent back by the agent with its next `turn`. */
  z.strictObject({ type: z.literal('findings'), text: z.string().max(MAX_TURN_TEXT) }),
  /** Accepted, or given up: end. */
  z.strictObject({ type: z.literal('stop') }),
]);
export type HostMessage = z.infer<typeof hostMessageSchema>;
export type StartMessage = Extract<HostMessage, { type: 'start' }>;
