/** Where tool containers find things: fixed by the images and the mounts, the same for every target. */
export const PLACES = {
  /** The target's files, read-only; the folder that ruff and mypy work in. */
  tree: '/w/tree',
  /** The host's configuration files, read-only. */
  gate: '/w/gate',
  /** The throw-away copy that tests run in. */
  copy: '/copy',
  /** The writable volume that reports leave by. */
  out: '/out',
  python: '/opt/venv/bin/python',
  ruff: '/opt/venv/bin/ruff',
} as const;

/** A path as a tool printed it, relative to the target's folder; other paths are returned as they are. */
export function relativePath(path: string): string {
  for (const root of [PLACES.tree, PLACES.copy]) {
    if (path.startsWith(`${root}/`)) return path.slice(root.length + 1);
  }
  return path.replace(/^\.\//, '');
}
