import { z } from 'zod';

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A JSON value as it stands in a message or a file; depth is bounded so that no reader recurses without end. */
export const json: z.ZodType<Json> = z.custom<Json>((value) => isJson(value, 24), { error: 'not a JSON value, or nested deeper than 24' });

function isJson(value: unknown, depth: number): boolean {
  if (depth < 0) return false;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth - 1));
  if (typeof value !== 'object') return false;
  return Object.entries(value).every(([key, item]) => key !== '__proto__' && isJson(item, depth - 1));
}
