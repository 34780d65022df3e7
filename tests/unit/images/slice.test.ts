import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sliceDockerfile } from '../../../orchestrator/cli/setup/slice.ts';
import { CONTAINER_KINDS } from '../../../orchestrator/domain/stage.ts';

const ours = readFileSync('images/Dockerfile', 'utf8');

describe('cutting the Dockerfile down to one target', () => {
  test('keeps the stages that the target stands on or copies from, in order, and no other', () => {
    const slice = sliceDockerfile(
      [
        'ARG BASE=x',
        '# about the ground',
        'FROM debian AS ground',
        'RUN a \\',
        ' && b',
        'FROM ground AS other',
        'COPY other.txt /',
        'FROM ground AS maker',
        'ARG INDEX',
        'COPY a.txt folder/ /make/',
        'FROM ground AS target',
        'COPY --from=maker /made /made',
        'COPY \\',
        '  b.txt /',
        'FROM target AS later',
      ].join('\n'),
      'target',
    );
    expect(slice.dockerfile.match(/^FROM .*/gm)).toEqual(['FROM debian AS ground', 'FROM ground AS maker', 'FROM ground AS target']);
    expect(slice.dockerfile).toContain('RUN a \\\n && b\n');
    expect(slice.sources).toEqual(['a.txt', 'b.txt', 'folder/']);
    expect(slice.args).toEqual(['BASE', 'INDEX']);
  });

  test('a comment does not change what an image is called', () => {
    const with_ = sliceDockerfile('FROM a AS b\n# why\nRUN c\n', 'b');
    expect(with_).toEqual(sliceDockerfile('FROM a AS b\nRUN c\n', 'b'));
  });

  test('a target that is not there is a bug', () => {
    expect(() => sliceDockerfile(ours, 'nothing')).toThrow(/no target nothing/);
  });

  test.each(CONTAINER_KINDS)('there is a target for %s, and it ends as the unprivileged user', (kind) => {
    const users = sliceDockerfile(ours, kind).dockerfile.match(/^USER .*/gm);
    expect(users?.at(-1)).toBe('USER 10001:10001');
  });

  test('an agent’s image takes its own agent and nothing else from the context', () => {
    for (const kind of ['plan', 'scout', 'build', 'test-writing', 'review']) {
      expect(sliceDockerfile(ours, kind).sources).toEqual([`agents/${kind}.mjs`]);
    }
  });

  test('no tool’s image takes an agent, and the holder takes nothing', () => {
    for (const kind of ['validate', 'format', 'test-running', 'card']) {
      expect(sliceDockerfile(ours, kind).sources.join(' ')).not.toContain('agents/');
    }
    expect(sliceDockerfile(ours, 'holder').sources).toEqual([]);
  });

  test('the host’s certificates are copied into the builder stage only', () => {
    const stages = ours.split(/^(?=FROM )/m).filter((stage) => stage.includes('host/ca.pem'));
    expect(stages.map((stage) => stage.split('\n')[0])).toEqual(['FROM python AS builder']);
    expect(ours.match(/^COPY --from=.*/gm)).toEqual(['COPY --from=builder /opt/venv /opt/venv']);
  });
});
