import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../../orchestrator/adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../../orchestrator/adapters/engine/docker/docker.ts';
import type { Engine } from '../../../orchestrator/ports/engine.ts';
import { containerSpec } from './container-spec.ts';
import { hangUp, json, type SmallEngine, smallEngine } from './small-engine.ts';

let server: SmallEngine | null = null;

afterEach(async () => {
  await server?.die();
  server = null;
});

async function engineThat(answers: Parameters<typeof smallEngine>[0]): Promise<Engine> {
  server = await smallEngine(answers);
  const { docker, endpoint } = await connect({ host: `unix://${server.socket}`, env: {} });
  return dockerEngine(docker, endpoint);
}

const VOLUME = { name: 'v', sizeBytes: 1, files: 1, uid: 1, gid: 1, labels: {} };

describe('what an engine refuses', () => {
  it('is engine_failed with its own words', async () => {
    const engine = await engineThat({ 'POST /volumes/create': json(500, { message: 'create v: no space\n left on device' }) });
    await expect(engine.createVolume(VOLUME)).rejects.toMatchObject({
      code: 'engine_failed',
      detail: 'create volume v: create v: no space left on device',
    });
  });

  it('as an unknown image leaves nothing to remove', async () => {
    const engine = await engineThat({ 'POST /containers/create': json(404, { message: 'No such image: factory/build:0123' }) });
    await expect(engine.start(containerSpec())).rejects.toMatchObject({
      code: 'engine_failed',
      detail: expect.stringContaining('No such image'),
    });
    expect(server?.asked).toEqual(['GET /_ping', 'POST /containers/create']);
  });

  it('is asked for a container by its name in the address and all else in the body', async () => {
    let seen = { url: '', body: '' };
    const engine = await engineThat({
      'POST /containers/create': async (request, response) => {
        seen = { url: request.url ?? '', body: await text(request) };
        json(400, { message: 'no' })(request, response);
      },
    });
    await expect(engine.start(containerSpec())).rejects.toMatchObject({ code: 'engine_failed' });
    expect(seen.url).toBe(`/containers/create?name=${containerSpec().name}`);
    expect(JSON.parse(seen.body)).toEqual(engine.describe(containerSpec()));
  });

  it('after it made a container has that container removed, and both errors told when that fails too', async () => {
    const engine = await engineThat({
      'POST /containers/create': json(201, { Id: 'c1' }),
      'POST /containers/c1/attach': json(500, { message: 'cannot attach' }),
      'DELETE /containers/c1': json(500, { message: 'cannot remove' }),
    });
    await expect(engine.start(containerSpec())).rejects.toMatchObject({
      code: 'engine_failed',
      detail: expect.stringMatching(/cannot attach; nor could it be removed: .*cannot remove/),
    });
  });
});

describe('an engine that is not what is needed', () => {
  const version = (ApiVersion: unknown) => json(200, { Version: '1', ApiVersion, Arch: 'amd64' });

  it.each(['1.40', '1.9', '0.99'])('with API %s is too old, and is asked nothing more', async (api) => {
    const engine = await engineThat({ 'GET /version': version(api) });
    await expect(engine.info()).rejects.toMatchObject({
      code: 'engine_too_old',
      detail: expect.stringMatching(new RegExp(`version 1 with API ${api.replace('.', '\\.')}; at least API 1\\.41`)),
    });
    expect(server?.asked).toEqual(['GET /_ping', 'GET /version']);
  });

  it.each(['1.41', '1.52', '2.0'])('with API %s is new enough', async (api) => {
    const engine = await engineThat({ 'GET /version': version(api), 'GET /info': json(200, {}) });
    expect(await engine.info()).toMatchObject({ version: '1', architecture: 'amd64' });
  });

  it.each([undefined, 7, 'new'])('that calls its API %s is none', async (api) => {
    const engine = await engineThat({ 'GET /version': version(api) });
    await expect(engine.info()).rejects.toMatchObject({ code: 'engine_unreachable' });
  });
});

describe('an engine that goes away', () => {
  it('before it says what it is was never reachable', async () => {
    const engine = await engineThat({ 'GET /version': hangUp, 'GET /info': hangUp });
    await expect(engine.info()).rejects.toMatchObject({ code: 'engine_unreachable' });
  });

  it('instead of answering is engine_lost', async () => {
    const engine = await engineThat({ 'POST /volumes/create': hangUp });
    await expect(engine.createVolume(VOLUME)).rejects.toMatchObject({ code: 'engine_lost' });
  });

  it('between two calls is engine_lost', async () => {
    const engine = await engineThat({});
    await server?.die();
    await expect(engine.list({ a: 'b' })).rejects.toMatchObject({ code: 'engine_lost' });
    await expect(engine.start(containerSpec())).rejects.toMatchObject({ code: 'engine_lost' });
    server = null;
  });
});

describe('removing', () => {
  it('what is not there is no error', async () => {
    const engine = await engineThat({ 'DELETE /volumes/v': json(404, { message: 'no such volume' }) });
    await engine.removeVolume('v');
    expect(server?.asked).toContain('DELETE /volumes/v');
  });

  it('what another call is removing waits until it is gone', async () => {
    let asked = 0;
    const engine = await engineThat({
      'GET /containers/json': json(200, [{ Id: 'c1', Names: ['/one'] }]),
      'GET /volumes': json(200, { Volumes: null }),
      'DELETE /containers/c1': (request, response) => {
        asked += 1;
        const gone = asked > 2;
        json(gone ? 404 : 409, { message: gone ? 'No such container' : 'removal of container c1 is already in progress' })(
          request,
          response,
        );
      },
    });
    expect(await engine.sweep({ 'factory.run': 'x' })).toBe(1);
    expect(asked).toBe(3);
  });

  it('tries everything although one fails, and tells of it', async () => {
    const engine = await engineThat({
      'GET /containers/json': json(200, [
        { Id: 'c1', Names: ['/one'] },
        { Id: 'c2', Names: ['/two'] },
      ]),
      'GET /volumes': json(200, { Volumes: [{ Name: 'v' }] }),
      'DELETE /containers/c1': json(500, { message: 'device busy' }),
      'DELETE /containers/c2': json(204, {}),
      'DELETE /volumes/v': json(204, {}),
    });
    await expect(engine.sweep({ 'factory.run': 'x' })).rejects.toMatchObject({ detail: expect.stringContaining('device busy') });
    expect(server?.asked).toContain('DELETE /containers/c2');
    expect(server?.asked).toContain('DELETE /volumes/v');
  });
});
