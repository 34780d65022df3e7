/** `4.0s`, `1m56s`, `2h03m`. */
export function seconds(ms: number): string {
  const s = ms / 1000;
  if (s < 60) return `${s.toFixed(1)}s`;
  const whole = Math.round(s);
  if (whole < 3600) return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(whole / 3600)}h${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}m`;
}

/** `4s`, `1m56s`, `2h03m`: for a time that still runs. */
export function wholeSeconds(ms: number): string {
  return ms < 59_500 ? `${Math.round(ms / 1000)}s` : seconds(Math.round(ms / 1000) * 1000);
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

/** `640`, `60k`, `1.2M`: two digits, for what is not known better. */
export function roughly(n: number): string {
  const two = Number(n.toPrecision(2));
  if (two < 1_000) return String(two);
  return two < 1_000_000 ? `${two / 1_000}k` : `${two / 1_000_000}M`;
}
