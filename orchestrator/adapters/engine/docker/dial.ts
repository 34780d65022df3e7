import type Dockerode from 'dockerode';

/** A request to the engine for which dockerode has no method of the shape that is needed. Rejects as dockerode's own methods do. */
export function dial(docker: Dockerode, request: Parameters<Dockerode['modem']['dial']>[0]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(request, (error, answer) => (error === null || error === undefined ? resolve(answer) : reject(error)));
  });
}
