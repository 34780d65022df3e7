import { CATALOGUE, Failure } from '../../domain/failure.ts';
import { type DoctorReport, type Finding, fail, PROBES, type ProbeName, type Said } from './finding.ts';

/** Milliseconds that one probe may take. */
const PROBE_MS = 5_000;

/** A probe ends its own work when the signal is aborted; whatever it throws is its finding. */
export type Probe = (signal: AbortSignal) => Promise<Said>;

/** All probes side by side, each within its time, as one report. Never throws for what a probe meets. */
export async function examine(probes: Readonly<Record<ProbeName, Probe>>, limitMs: number = PROBE_MS): Promise<DoctorReport> {
  const findings = await Promise.all(PROBES.map(async (probe): Promise<Finding> => ({ probe, ...(await inTime(probes[probe], limitMs)) })));
  const replay = findings.every(({ status }) => status !== 'fail');
  const request = replay && !findings.some(({ stops_requests }) => stops_requests);
  return { ready: { replay, request }, findings, exit_code: replay ? 0 : CATALOGUE.engine_unreachable.exit };
}

async function inTime(probe: Probe, limitMs: number): Promise<Said> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Said>((resolve) => {
    timer = setTimeout(() => {
      limit.abort(new Error('given up'));
      resolve(fail(`no answer within ${limitMs / 1000} s`, 'See what keeps it busy, then run `factory doctor` again.'));
    }, limitMs);
  });
  try {
    return await Promise.race([probe(limit.signal).catch(broken), late]);
  } finally {
    clearTimeout(timer);
  }
}

function broken(error: unknown): Said {
  if (error instanceof Failure) return fail(error.detail, error.entry.advice);
  return fail(error instanceof Error ? error.message : String(error), CATALOGUE.bug.advice);
}
