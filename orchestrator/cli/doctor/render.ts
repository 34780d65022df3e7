import { oneLine } from '../../domain/untrusted.ts';
import type { DoctorReport, Finding } from './finding.ts';

/** The findings as a table for a person: a line a probe, its fix below it, and at the end what can be started. */
export function renderReport({ ready, findings }: DoctorReport): string {
  const lines = findings.flatMap(rows);
  return `${[...lines, '', verdict(ready, findings)].join('\n')}\n`;
}

function rows({ probe, status, says, fix }: Finding): string[] {
  const line = ` ${status.padEnd(4)} ${probe.padEnd(12)} ${oneLine(says, 600)}`;
  return fix === null ? [line] : [line, `      ${''.padEnd(12)} -> ${oneLine(fix, 400)}`];
}

function verdict({ replay, request }: DoctorReport['ready'], findings: readonly Finding[]): string {
  if (request) return 'ready: `make factory REQ="…"`';
  if (!replay) return `not ready: ${named(findings.filter(({ status }) => status === 'fail'))}`;
  const stopping = named(findings.filter(({ stops_requests }) => stops_requests));
  return `ready to replay: \`make factory\`; not for a request of your own: ${stopping}`;
}

function named(findings: readonly Finding[]): string {
  return findings.map(({ probe }) => probe).join(', ');
}
