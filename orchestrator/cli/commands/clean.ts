import { connect } from '../../adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../adapters/engine/docker/docker.ts';

/** `factory clean`: how many containers and volumes of any run were removed. */
export async function clean(host: string | undefined, env: NodeJS.ProcessEnv): Promise<number> {
  const { docker, endpoint } = await connect({ host, env });
  return dockerEngine(docker, endpoint).sweep({ 'factory.run': null });
}
