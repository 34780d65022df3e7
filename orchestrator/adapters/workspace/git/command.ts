/** The one place that starts git: what it may see, what it may run, and how much it may say. */
import { spawn } from 'node:child_process';
import { simpleGit } from 'simple-git';

/** Bytes that one git command may print at most. */
const MAX_OUTPUT = 1024 * 1024 * 1024;
/** Milliseconds that one git command may take at most. */
const MAX_TIME = 300_000;

/**
 * Laid over every configuration: nothing of the user's runs (hooks, file system monitor, signing, maintenance), nothing rewrites bytes.
 * Other ways into code (filters, textconv, external diff, pagers) stay unreachable because only plumbing without them is called.
 */
const CONFIG = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.autocrlf=false',
  'core.quotePath=true',
  'commit.gpgSign=false',
  'i18n.commitEncoding=UTF-8',
  'gc.auto=0',
  'maintenance.auto=false',
];

/** What of the caller's environment git gets: where it is, and whose configuration says who owns a repository and what the user is called. */
const INHERITED = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'TMPDIR'];

/** No protocol is called `none`, so a partial clone cannot fetch: that would run the user's own transport commands. */
const ENVIRONMENT = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_LITERAL_PATHSPECS: '1',
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** git in one folder or repository. Both calls reject with a `GitError` when git ends with anything but 0. */
export interface Git {
  /** For short answers: the output as text without its last newline. */
  text(args: readonly string[]): Promise<string>;
  /** For streams: `input` to stdin, the output as it is. `env` is laid over git's environment. */
  bytes(args: readonly string[], options?: { readonly input?: Uint8Array; readonly env?: Environment }): Promise<Buffer>;
}

/** git ended with another exit code than 0; `words` is what it printed on stderr. */
export class GitError extends Error {
  readonly exitCode: number;
  readonly words: string;

  constructor(command: string, exitCode: number, words: string) {
    super(`git ${command}: ${words.trim() || `exit ${exitCode}`}`);
    this.name = 'GitError';
    this.exitCode = exitCode;
    this.words = words.trim();
  }
}

/** git started in an existing folder, finding its repository as the user's git would. */
export function gitIn(directory: string, ambient: Environment): Git {
  const inherited = INHERITED.flatMap((name) => (ambient[name] === undefined ? [] : [[name, ambient[name]]]));
  return gitWith(directory, { ...Object.fromEntries(inherited), ...ENVIRONMENT });
}

/** git on a repository of our own that knows no configuration but its own file. */
export function gitOf(gitDirectory: string, ambient: Environment): Git {
  return gitWith(gitDirectory, {
    ...ENVIRONMENT,
    PATH: ambient.PATH ?? '',
    HOME: gitDirectory,
    GIT_DIR: gitDirectory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  });
}

function gitWith(directory: string, environment: Record<string, string>): Git {
  return {
    text: (args) => askText(directory, environment, args),
    bytes: (args, options = {}) => askBytes(directory, { ...environment, ...options.env }, args, options.input),
  };
}

async function askText(directory: string, environment: Record<string, string>, args: readonly string[]): Promise<string> {
  let failed: GitError | undefined;
  const git = simpleGit({
    baseDir: directory,
    config: CONFIG,
    timeout: { block: MAX_TIME },
    allowEnvironment: Object.keys(environment),
    // Hardening sets what these guard: the hooks' folder and the monitor (to nothing), and the path of a configuration (to none).
    unsafe: { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true, allowUnsafeConfigPaths: true },
    errors: (error, { exitCode, stdErr }) => {
      if (exitCode > 0) failed = new GitError(String(args[0]), exitCode, Buffer.concat(stdErr).toString('utf8'));
      return failed ?? error;
    },
  });
  try {
    return (await git.env(environment).raw([...args])).replace(/\n$/, '');
  } catch (error) {
    throw failed ?? error;
  }
}

function askBytes(directory: string, environment: Environment, args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const flags = CONFIG.flatMap((setting) => ['-c', setting]);
    const child = spawn('git', [...flags, ...args], { cwd: directory, env: environment, timeout: MAX_TIME, killSignal: 'SIGKILL' });
    const out: Buffer[] = [];
    const words: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_OUTPUT) child.kill('SIGKILL');
      else out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (words.length < 64) words.push(chunk);
    });
    // A child that ends before it has read everything is judged by its exit code.
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(out));
      else reject(new GitError(String(args[0]), code ?? -1, Buffer.concat(words).toString('utf8') || `killed by ${signal}`));
    });
    child.stdin.end(input ?? '');
  });
}
