import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { build } from '../../../images/agent/agents/build.ts';
import { plan } from '../../../images/agent/agents/plan.ts';
import { review } from '../../../images/agent/agents/review.ts';
import { scout } from '../../../images/agent/agents/scout.ts';
import { testWriting } from '../../../images/agent/agents/test-writing.ts';
import { type Agent, work } from '../../../images/agent/loop.ts';
import type { Tree } from '../../../images/agent/tree.ts';
import type { Json } from '../../../orchestrator/domain/json.ts';
import type { AgentMessage, HostMessage } from '../../../orchestrator/protocol/messages.ts';
import { contentOf, treeOf } from './temporary-tree.ts';

const start: HostMessage = { type: 'start', roots: {}, max_read_bytes: 1000, max_file_bytes: 1000 };
const stop: HostMessage = { type: 'stop' };
const reply = (turn: Json): HostMessage => ({ type: 'reply', turn });
const findings = (text: string): HostMessage => ({ type: 'findings', text });

/** An agent against a host that says these things, one for each message after the hello that waits for an answer. */
async function play<T>(agent: Agent<T>, host: readonly HostMessage[]): Promise<{ said: AgentMessage[]; logged: string[]; end: string }> {
  const said: AgentMessage[] = [];
  const logged: string[] = [];
  const left = [...host];
  const end = await work(agent, {
    send: async (message) => void said.push(message),
    receive: async () => left.shift() ?? null,
    log: (line) => void logged.push(line),
  });
  return { said, logged, end };
}

const handOver = { type: 'hand_over' } as const;
const refusal = { outcome: 'refusal', reason: 'vague', questions: ['Which field?'] };

describe('the loop of every agent', () => {
  it('says hello with its tools, asks, and hands over until it is told to stop', async () => {
    const { said, end } = await play(plan, [start, reply(refusal), stop]);
    expect(said).toEqual([{ type: 'hello', agent: 'plan', tools: [] }, { type: 'turn', add: null }, handOver]);
    expect(end).toBe('stopped');
  });

  it('brings findings back as the words of its next turn', async () => {
    const { said } = await play(plan, [start, reply(refusal), findings('C1 has no source'), reply(refusal), stop]);
    expect(said.slice(2)).toEqual([handOver, { type: 'turn', add: 'C1 has no source' }, handOver]);
  });

  it.each([
    ['before it was started', []],
    ['while it waits for a reply', [start]],
    ['while it waits for a judgement', [start, reply(refusal)]],
  ])('ends by itself when the host is gone %s', async (_, host) => {
    expect((await play(plan, host)).end).toBe('alone');
  });

  it.each([
    ['a reply before the start', [reply(refusal)]],
    ['findings before a reply', [start, findings('x')]],
    ['a second start', [start, start]],
    ['a reply to a hand-over', [start, reply(refusal), reply(refusal)]],
  ])('refuses %s', async (_, host) => {
    await expect(play(plan, host)).rejects.toMatchObject({ code: 'protocol_invalid' });
  });

  it('refuses a reply of another stage', async () => {
    await expect(play(plan, [start, reply({ look: [], brief: null })])).rejects.toThrow('outcome');
  });

  it('makes its words fit the longest line that the host will read', async () => {
    const tree = treeOf({ 'a.txt': 'é'.repeat(900) });
    const look = Array(12).fill({ tool: 'read_file', path: 'a.txt' });
    const short: HostMessage = { type: 'start', roots: tree.roots, max_read_bytes: 5000, max_file_bytes: 5000, max_line_bytes: 4000 };
    const { said } = await play(scout, [short, reply({ look, brief: null }), stop]);
    const words = said.at(-1);
    expect(Buffer.byteLength(JSON.stringify(words))).toBeLessThan(4000);
    expect(words).toMatchObject({ type: 'turn', add: expect.stringContaining('cut here') });
  });

  it('logs what it did without a word of content', async () => {
    const tree = treeOf({ 'secret.txt': 'planted' });
    const turn = {
      look: [
        { tool: 'read_file', path: 'secret.txt' },
        { tool: 'grep', pattern: '(' },
      ],
      brief: null,
    };
    const { logged } = await play(scout, [{ ...start, roots: tree.roots } as HostMessage, reply(turn), stop]);
    expect(logged).toEqual(['turn 1: 1 done, 1 refused']);
  });
});

const brief = {
  edit: [{ path: 'a', from: 1, to: 1, why: 'x' }],
  reuse: [],
  create: [],
  conventions: [],
  superseded: [],
  problems: [],
  dispute: null,
};

/** What an agent does with one reply. */
function step<T>(agent: Agent<T>, tree: Tree, turn: unknown): string | null {
  return agent.act(agent.schema.parse(turn), tree).next;
}

describe('SCOUT', () => {
  const tree = () => treeOf({ 'a.py': 'x = 1\n' });
  const look = [
    { tool: 'list_dir', path: '.' },
    { tool: 'read_file', path: 'b.py' },
  ];

  it('answers looks, refused ones too, in their order', () => {
    expect(step(scout, tree(), { look, brief: null })).toBe(
      '[1] list_dir .\n., 1 entries\na.py  6 bytes\n\n[2] read_file b.py\nerror: no such file or folder; the top folder holds: a.py',
    );
  });

  it('hands its brief over, looks beside it or not', () => {
    expect(step(scout, tree(), { look: [], brief })).toBeNull();
    expect(step(scout, tree(), { look, brief })).toBeNull();
  });

  it('is told when it did neither', () => {
    expect(step(scout, tree(), { look: [], brief: null })).toContain('neither');
  });
});

describe('REVIEW', () => {
  const verdict = { verdict: 'approve', criteria: [{ id: 'C1', holds: true, why: 'x', citations: [] }], findings: [] };

  it('looks at both trees, then hands its review over', () => {
    const tree: Tree = { ...treeOf({}), roots: { base: treeOf({ 'a.py': 'old\n' }).work, head: treeOf({ 'a.py': 'new\n' }).work } };
    const look = [
      { tool: 'read_file', path: 'base/a.py' },
      { tool: 'read_file', path: 'head/a.py' },
    ];
    expect(step(review, tree, { look, review: null })).toMatch(/1\| old[\s\S]*1\| new/);
    expect(step(review, tree, { look, review: verdict })).toBeNull();
    expect(step(review, tree, { look: [], review: null })).toContain('neither');
  });
});

describe('BUILD', () => {
  const turn = (parts: object) => ({ look: [], edits: [], done: false, dispute: null, ...parts });
  const edit = (find: string, replace: string) => ({ tool: 'replace_text', path: 'a.py', find, replace });

  it('applies edits in their order and hands a clean change over at once', () => {
    const tree = treeOf({ 'a.py': 'x = 1\n' });
    expect(step(build, tree, turn({ edits: [edit('x = 1', 'x = 2'), edit('x = 2', 'x = 3')], done: true }))).toBeNull();
    expect(contentOf(tree, 'a.py')).toBe('x = 3\n');
  });

  it('tries every edit, reports each, and does not hand over what is half done', () => {
    const tree = treeOf({ 'a.py': 'x = 1\n' });
    const next = step(build, tree, turn({ edits: [edit('y', 'z'), edit('x = 1', 'x = 2')], done: true }));
    expect(next).toMatch(/^\[1\] replace_text a\.py\nerror: .*\n\n\[2\] replace_text a\.py\nreplaced at line 1/);
    expect(next).toContain('1 of 2 changes refused. The others are in the tree');
    expect(next).toContain('Nothing was handed over yet');
    expect(contentOf(tree, 'a.py')).toBe('x = 2\n');
  });

  it('answers looks after the edits, so that they show the changed tree', () => {
    const tree = treeOf({ 'a.py': 'x = 1\n' });
    const next = step(build, tree, turn({ edits: [edit('x = 1', 'x = 2')], look: [{ tool: 'read_file', path: 'a.py' }], done: true }));
    expect(next).toContain('1| x = 2');
    expect(next).toContain('Nothing was handed over yet');
  });

  it('goes on after edits that are not yet all', () => {
    expect(step(build, treeOf({ 'a.py': 'x = 1\n' }), turn({ edits: [edit('x = 1', 'x = 2')] }))).toBe(
      '[1] replace_text a.py\nreplaced at line 1',
    );
  });

  it('hands a dispute over without being done, but not beside a refused edit', () => {
    const dispute = { about: 'C1', path: 'a.py', line: 1, what: 'contradicted' };
    expect(step(build, treeOf({}), turn({ dispute }))).toBeNull();
    expect(step(build, treeOf({ 'a.py': '' }), turn({ dispute, edits: [edit('y', 'z')] }))).toContain('refused');
  });

  it('is told when it did nothing, and may say done with nothing more to change', () => {
    expect(step(build, treeOf({}), turn({}))).toContain('changed nothing');
    expect(step(build, treeOf({}), turn({ done: true }))).toBeNull();
  });
});

describe('TEST’s writer', () => {
  const turn = (parts: object) => ({ look: [], files: [], done: false, ...parts });
  const file = { path: 'tests/test_new.py', content: 'def test_x() -> None: ...\n' };

  it('writes its files and hands them over when done', () => {
    const tree = treeOf({}, { writeUnder: 'tests' });
    expect(step(testWriting, tree, turn({ files: [file], done: true }))).toBeNull();
    expect(contentOf(tree, 'tests/test_new.py')).toBe(file.content);
  });

  it('writes under the tests only, and is told so', () => {
    const tree = treeOf({}, { writeUnder: 'tests' });
    const next = step(testWriting, tree, turn({ files: [{ ...file, path: 'app/main.py' }], done: true }));
    expect(next).toContain('only files under tests/ are yours to write');
    expect(next).toContain('1 of 1 changes refused. Correct');
    expect(readdirSync(tree.work)).toEqual([]);
  });

  it('answers looks before it hands over, and is told when it did nothing', () => {
    expect(step(testWriting, treeOf({}), turn({ look: [{ tool: 'list_dir', path: '.' }], done: true }))).toContain('. is empty');
    expect(step(testWriting, treeOf({}), turn({}))).toContain('wrote nothing');
  });
});
