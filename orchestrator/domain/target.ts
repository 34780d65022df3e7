/** How the target is laid out, found from its base commit without running anything. Paths are relative to the target's folder. */
export interface TargetLayout {
  /** The one real folder that holds the tests (`tests`), or null where tests stand beside code: then only the export check separates the duties. */
  readonly tests: string | null;
  /** Folders and files that coverage and mypy look at, e.g. `['app']`. */
  readonly sources: readonly string[];
  /** The changelog's path, or null. */
  readonly changelog: string | null;
}

/** What is pinned at the start of a run and never moves in it. */
export interface Base {
  /** Absolute path of the repository's top level on the host. Never leaves the host. */
  readonly root: string;
  /** The target's folder inside the repository, `''` for the whole of it, no trailing slash. */
  readonly prefix: string;
  readonly commit: string;
  /** Tree id of the whole base commit. */
  readonly rootTree: string;
  /** Tree id of the target's folder: what a run's gates and caches are keyed by. */
  readonly tree: string;
  /** The branch that was checked out, for the PR's text; null when detached. */
  readonly branch: string | null;
}
