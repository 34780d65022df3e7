/** `4.0s`, `1m56s`, `2h03m`. */
export function seconds(ms: number): string {
  const s = ms / 1000;
  if (s < 60) return `${s.toFixed(1)}s`;
  const whole = Math.round(s);
  if (whole < 3600) return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(whole / 3600)}h${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}m`;
}

/** `19,870` */
export function thousands(n: number): string {
  return n.toLocaleString('en-US');
}

/** `$0.00`; `$?` for an unknown cost, which is never shown as 0. */
export function dollars(usd: number | null): string {
  if (usd === null) return '$?';
  return usd > 0 && usd < 0.01 ? `$${usd.toFixed(4)}` : `$${usd.toFixed(2)}`;
}
