import { Failure } from '../../domain/failure.ts';
import type { RunningContainer } from '../../ports/engine.ts';

/** Why a container that has stopped talking did not finish its work; waits for its end. */
export async function failureOf(container: RunningContainer): Promise<Failure> {
  container.closeInput(); // One that closed its output only has nothing to wait for any more.
  const exit = await container.exit;
  if (exit.oomKilled) return new Failure('resource_oom', 'the agent was killed for its memory');
  if (exit.killedFor === 'wall_clock') return new Failure('resource_time', 'the agent passed its wall clock');
  if (exit.killedFor === 'output') return new Failure('protocol_line_too_long', 'the agent printed more than its policy allows');
  const how = exit.killedFor === 'request' ? 'it was killed' : `exit code ${exit.code}`;
  return new Failure('agent_died', `${how}, before its work was accepted`);
}
