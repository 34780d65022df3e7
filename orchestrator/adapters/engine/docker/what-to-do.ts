import type { System } from './system.ts';

/** Why no engine could be used: nothing answered, or one is there that this user may not talk to. */
export type NoEngine = 'unreachable' | 'forbidden';

/** What a person can do about it on their system, in one line. `named`: only the place that they named was tried. */
export function whatToDo(why: NoEngine, named: boolean, { platform }: System): string {
  if (why === 'forbidden' && platform === 'linux')
    return 'Here: `sudo usermod -aG docker "$USER"` and log in again (that group is as good as root), or use rootless Docker.';
  if (why === 'forbidden') return 'Here: give this user the right to use the socket, or start an engine of their own.';
  const start = STARTS[platform] ?? STARTS.linux;
  return named ? `Only what was named is tried. Start it, correct the name, or take it away. Here: ${start}` : `Here: ${start}`;
}

const STARTS: Partial<Record<NodeJS.Platform, string>> & { readonly linux: string } = {
  linux: '`sudo systemctl start docker`; rootless `systemctl --user start docker`; Podman `systemctl --user start podman.socket`.',
  darwin: 'start Docker Desktop or OrbStack, or `colima start`, or `podman machine start`.',
  win32: 'start Docker Desktop, or `podman machine start`.',
};
