import type { Command } from 'commander';
import { connect } from '../../adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../adapters/engine/docker/docker.ts';
import type { Console } from '../console.ts';

/** `factory clean`: everything that any run left on the engine goes. */
export function cleanCommand(program: Command, console: Console): void {
  program
    .command('clean')
    .description('remove every container and volume that a run left on the engine')
    .option('--docker-host <url>', 'the engine')
    .action(async (options: { dockerHost?: string }) => console.err(`${await clean(options.dockerHost, console.env)} removed\n`));
}

/** How many containers and volumes of any run were removed. */
async function clean(host: string | undefined, env: NodeJS.ProcessEnv): Promise<number> {
  const { docker, endpoint } = await connect({ host, env });
  return dockerEngine(docker, endpoint).sweep({ 'factory.run': null });
}
