import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { type Behaviour, fakeEngine } from '../../../orchestrator/adapters/engine/fake/fake.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import { containerSpec } from './container-spec.ts';

const VOLUME = { name: 'v', sizeBytes: 1_000_000, files: 100, uid: 1, gid: 1, labels: { 'factory.run': 'x' } };
const spec = (name: string) => containerSpec({ name, mounts: [{ volume: 'v', path: '/v', write: true }] });

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += Buffer.from(chunk).toString();
  return all;
}

describe('the fake engine', () => {
  it('runs the script chosen by the spec, and lets what has none sleep', async () => {
    const engine = fakeEngine({
      behave: ({ kind }) =>
        kind === 'build'
          ? async (own, io) => {
              io.print(own.name);
              return 0;
            }
          : null,
    });
    expect(await text((await engine.start(containerSpec({ name: 'one' }))).stdout)).toBe('one');
    const holder = await engine.start(containerSpec({ name: 'two', kind: 'holder' }));
    expect(engine.running()).toEqual(['two']);
    await holder.remove();
    expect(engine.running()).toEqual([]);
  });

  it('fails on demand, and a start that failed leaves nothing behind', async () => {
    const no = () => new Failure('engine_failed', 'as asked');
    const engine = fakeEngine({
      failOn: { start: ({ name }) => (name === 'bad' ? no() : null), upload: no, download: no, removeVolume: no },
    });
    await engine.createVolume(VOLUME);
    await expect(engine.start(spec('bad'))).rejects.toThrow('as asked');
    expect(engine.left()).toEqual(['v']);
    const good = await engine.start(spec('good'));
    await expect(engine.upload(good.id, '/v', [])).rejects.toThrow('as asked');
    await expect(engine.download(good.id, '/v', { bytes: 1, entries: 1 })[Symbol.asyncIterator]().next()).rejects.toThrow('as asked');
    await expect(engine.removeVolume('v')).rejects.toThrow('as asked');
  });

  it('goes away on demand: what runs and every call ends with engine_lost, and what is left has stopped', async () => {
    const engine = fakeEngine({ failOn: { lost: ({ name }) => name === 'last' } });
    await engine.createVolume(VOLUME);
    const first = await engine.start(spec('first'));
    engine.files('first').write('/v/a', 'a');
    const last = await engine.start(spec('last'));
    for (const container of [first, last]) {
      await expect(container.exit).rejects.toMatchObject({ code: 'engine_lost' });
      await expect(text(container.stdout)).rejects.toMatchObject({ code: 'engine_lost' });
    }
    await expect(first.remove()).rejects.toMatchObject({ code: 'engine_lost' });
    await expect(engine.list({})).rejects.toMatchObject({ code: 'engine_lost' });
    await expect(engine.info()).rejects.toMatchObject({ code: 'engine_unreachable' });

    engine.comeBack();
    expect(engine.running()).toEqual([]);
    expect(await engine.list({})).toEqual(['first', 'last', 'v']);
    const again = await engine.start(spec('again'));
    expect(engine.files('again').read('/v/a')).toBeNull();
    await again.remove();
    expect(await engine.sweep({ 'factory.run': 'x' })).toBe(3);
    expect(engine.left()).toEqual([]);
  });

  it('can go away in the middle of a script', async () => {
    const engine = fakeEngine({
      behave: () => async (_, io) => {
        io.print('before');
        io.loseEngine();
        io.print('after');
        return 0;
      },
    });
    const container = await engine.start(containerSpec());
    await expect(container.exit).rejects.toMatchObject({ code: 'engine_lost' });
    const reader = container.stdout[Symbol.asyncIterator]();
    expect(Buffer.from((await reader.next()).value).toString()).toBe('before');
    await expect(reader.next()).rejects.toMatchObject({ code: 'engine_lost' });
  });

  it('writes down what was asked of it, in order', async () => {
    const engine = fakeEngine();
    await engine.createVolume(VOLUME);
    const container = await engine.start(spec('one'));
    await container.write('{}\n');
    const entry = { path: 'a', type: 'file', mode: 0o644, content: new Uint8Array(), link: '' } as const;
    await engine.upload(container.id, '/v', [entry]);
    await container.remove();
    await engine.removeVolume('v');
    expect(engine.journal.map(({ call, name }) => `${call} ${name}`)).toEqual([
      'createVolume v',
      'start one',
      'write one',
      'upload one',
      'remove one',
      'removeVolume v',
    ]);
    expect(engine.journal[3]?.what).toEqual({ path: '/v', entries: ['a'] });
  });

  it('does not hide a mistake in a test’s own script', async () => {
    const broken: Behaviour = async () => {
      expect(1).toBe(2);
      return 0;
    };
    const container = await fakeEngine({ behave: () => broken }).start(containerSpec());
    await expect(container.exit).rejects.toThrow('expected 1 to be 2');
  });

  it('shows a script the tree of its mounts, nested ones laid over', async () => {
    let seen: unknown;
    const engine = fakeEngine({
      behave: ({ name }) =>
        name === 'holder'
          ? null
          : async (_, io) => {
              seen = [...io.files.tree('/w')].map(([path, { mode, content }]) => [path, mode, Buffer.from(content).toString()]);
              return 0;
            },
    });
    await engine.createVolume(VOLUME);
    await engine.createVolume({ ...VOLUME, name: 't' });
    const mounts = [
      { volume: 'v', path: '/w', write: true },
      { volume: 't', path: '/w/tests', write: true },
    ];
    await engine.start(containerSpec({ name: 'holder', mounts }));
    engine.files('holder').write('/w/app.py', 'app', 0o755);
    engine.files('holder').write('/w/tests/test_a.py', 'test');
    const container = await engine.start(containerSpec({ name: 'one', mounts }));
    await container.exit;
    expect(seen).toEqual([
      ['app.py', '100755', 'app'],
      ['tests/test_a.py', '100644', 'test'],
    ]);
  });
});
