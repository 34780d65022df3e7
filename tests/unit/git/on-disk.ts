import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll } from 'vitest';
import { type FileTree, textFile } from '../../../orchestrator/domain/tree.ts';

/** A real repository in a temporary folder, with a home of its own so that nobody's configuration has a say. */
export interface OnDisk {
  readonly home: string;
  readonly directory: string;
  readonly environment: Record<string, string>;
  git(...args: string[]): string;
  close(): void;
}

interface OnDiskOptions {
  readonly format?: 'sha1' | 'sha256';
  readonly name?: string;
}

/** An empty repository with `main` checked out. */
export function emptyRepository(options: OnDiskOptions = {}): OnDisk {
  const repository = onDisk(options.name);
  mkdirSync(repository.directory);
  repository.git('init', '--quiet', '--template=', '--initial-branch=main', `--object-format=${options.format ?? 'sha1'}`);
  mkdirSync(join(repository.directory, '.git/info'));
  // Nothing here has to outlive a power cut.
  appendFileSync(join(repository.directory, '.git/config'), '[core]\n\tfsync = none\n');
  return repository;
}

/** A repository with one commit of these files (paths from its top). The same files are committed once and copied from then on. */
export function repositoryOf(files: FileTree, options: OnDiskOptions = {}): OnDisk {
  const key = JSON.stringify([
    options.format,
    ...[...files].map(([path, { mode, content }]) => [path, mode, Buffer.from(content).toString('base64')]),
  ]);
  const model = models.get(key) ?? modelOf(files, options);
  models.set(key, model);
  const repository = onDisk(options.name);
  execFileSync('cp', ['-R', model.directory, repository.directory]);
  return repository;
}

const models = new Map<string, OnDisk>();
afterAll(() => {
  for (const model of models.values()) model.close();
});

function modelOf(files: FileTree, { format = 'sha1' }: OnDiskOptions): OnDisk {
  const model = emptyRepository({ format });
  writeFiles(model.directory, files);
  commitAll(model, 'base');
  return model;
}

function onDisk(name = 'repository'): OnDisk {
  const home = mkdtempSync(join(tmpdir(), 'factory-test-'));
  const directory = join(home, name);
  const environment = { PATH: process.env.PATH ?? '', HOME: home, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: string[]) => gitIn(directory, environment, args);
  return { home, directory, environment, git, close: () => rmSync(home, { recursive: true, force: true }) };
}

export function commitAll({ git }: OnDisk, message: string): void {
  git('add', '--all', '--force');
  git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '--allow-empty', '-m', message);
}

export function gitIn(directory: string, environment: Record<string, string>, args: string[]): string {
  return execFileSync('git', args, { cwd: directory, env: environment, stdio: ['ignore', 'pipe', 'pipe'] }).toString();
}

export function texts(files: Record<string, string>): FileTree {
  return new Map(Object.entries(files).map(([path, text]) => [path, textFile(text)]));
}

export function below(folder: string, files: FileTree): FileTree {
  return new Map([...files].map(([path, entry]) => [`${folder}/${path}`, entry]));
}

export function writeFiles(directory: string, files: FileTree): void {
  for (const [path, { mode, content }] of files) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    if (mode === '120000') symlinkSync(Buffer.from(content).toString(), file);
    else writeFileSync(file, content);
    if (mode === '100755') chmodSync(file, 0o755);
  }
}

/** Every path below a folder with a hash of what is there and when it was last written. */
export function snapshot(directory: string): Map<string, string> {
  const seen = new Map<string, string>();
  const walk = (folder: string) => {
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      const stat = lstatSync(file);
      if (stat.isDirectory()) walk(file);
      const content = stat.isSymbolicLink() ? readlinkSync(file) : stat.isFile() ? readFileSync(file) : '';
      const hash = createHash('sha256').update(content).digest('hex');
      seen.set(relative(directory, file), `${stat.mode} ${stat.isDirectory() ? '' : stat.mtimeMs} ${hash}`);
    }
  };
  walk(directory);
  return seen;
}
