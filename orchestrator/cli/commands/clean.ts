import type { Command } from 'commander';
import { connect } from '../../adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../adapters/engine/docker/docker.ts';
import type { Console } from '../console.ts';
import { serverName } from '../pull/names.ts';
import { readSettings } from '../settings.ts';

/** `factory clean`: everything that any run left on the engine goes. */
export function cleanCommand(program: Command, console: Console): void {
  program
    .command('clean')
    .description('remove every container and volume that a run left on the engine')
    .option('--docker-host <url>', 'the engine')
    .option('--models', 'instead: remove the model server that --pull started, with its models')
    .action(async ({ dockerHost, models }: { dockerHost?: string; models?: boolean }) =>
      console.err(`${await clean(dockerHost, console.env, models === true)} removed\n`),
    );
}

/** How many containers and volumes were removed: of any run, or of the model server. */
async function clean(host: string | undefined, env: NodeJS.ProcessEnv, models: boolean): Promise<number> {
  const labels = models
    ? { 'factory.models': '1', 'factory.models.name': serverName(readSettings({}, env, process.cwd()).ollama_image) }
    : { 'factory.run': null };
  const { docker, endpoint } = await connect({ host, env });
  return dockerEngine(docker, endpoint).sweep(labels);
}
