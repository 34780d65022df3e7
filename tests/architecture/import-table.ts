/**
 * Who may import whom, with the reason. A module belongs to the first area whose folder it lies in; an adapter's area is its own folder,
 * so a sibling is foreign to it. Packages are named one by one; `node:` modules are allowed everywhere but in `domain`.
 */
export interface Area {
  readonly name: string;
  readonly folder: RegExp;
  readonly areas: readonly string[];
  readonly packages: readonly string[] | 'any';
  readonly node: boolean;
  readonly because: string;
}

export const AREAS: readonly Area[] = [
  {
    name: 'domain',
    folder: /^orchestrator\/domain\//,
    areas: [],
    packages: ['zod'],
    node: false,
    because: 'data and pure functions, usable in a container and on the host',
  },
  {
    name: 'protocol',
    folder: /^orchestrator\/protocol\//,
    areas: ['domain'],
    packages: ['zod'],
    node: true,
    because: 'what crosses a container’s edge, read on both sides of it',
  },
  {
    name: 'ports',
    folder: /^orchestrator\/ports\//,
    areas: ['domain'],
    packages: [],
    node: true,
    because: 'what the line asks of the world; no vendor’s type crosses it',
  },
  {
    name: 'gates',
    folder: /^orchestrator\/gates\//,
    areas: ['domain'],
    packages: ['fast-xml-parser', 'smol-toml', 'zod'],
    node: true,
    because: 'reports to facts to verdict: pure, so that a verdict can be computed again',
  },
  {
    name: 'pipeline',
    folder: /^orchestrator\/pipeline\//,
    areas: ['domain', 'protocol', 'ports', 'gates'],
    packages: ['zod'],
    node: true,
    because: 'the line knows the world only by its ports',
  },
  {
    name: 'adapter',
    folder: /^orchestrator\/adapters\/[^/]+\/[^/]+\//,
    areas: ['domain', 'protocol', 'ports'],
    packages: 'any',
    node: true,
    because: 'one vendor each; never a sibling',
  },
  {
    name: 'cli',
    folder: /^orchestrator\/cli\//,
    areas: ['domain', 'protocol', 'ports', 'gates', 'pipeline', 'adapter'],
    packages: 'any',
    node: true,
    because: 'the composition root: the one place that names adapters',
  },
  {
    name: 'agent',
    folder: /^images\/agent\//,
    areas: ['domain', 'protocol'],
    packages: ['zod'],
    node: true,
    because: 'runs in a container: what it does not import cannot be in its image',
  },
];
