import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gitRepository } from '../../orchestrator/adapters/workspace/git/index.ts';
import { Failure, type FailureCode } from '../../orchestrator/domain/failure.ts';
import { type Ended, factory, left } from '../docker/line/factory.ts';
import { bareRepository, detachedTarget, shallowTarget, targetWithSubmodule, unbornRepository } from '../docker/line/odd-repositories.ts';
import { honest, REQUEST } from '../docker/line/replies.ts';
import { type Script, scriptedModel } from '../docker/line/scripted-model.ts';
import { fingerprint, smallTarget } from '../docker/line/small-target.ts';
import type { Outcome, Play, Plays, Try } from './case.ts';

/** Ten seconds are promised; a machine that does ten things at once is given more. */
const IN_TIME = 30_000;
const STAGES = ['PLAN', 'SCOUT', 'BUILD', 'TEST', 'REVIEW'] as const;
const REFUSING: Script = { PLAN: [{ outcome: 'refusal', reason: 'vague', questions: ['Which?'] }] };
type Signals = readonly NodeJS.Signals[];

/** Runs that are ended from outside, and repositories that are no plain clone. `kept` is told of every folder that is made, and gives it back. */
export function crashPlays(kept: (folder: string) => string): Plays {
  /** The program on a small target with a model that hangs at this stage, sent these signals half a second apart as soon as it hangs there. */
  async function struck(
    stage: (typeof STAGES)[number],
    signals: Signals,
    at: { target: string; runs: string },
  ): Promise<Ended & { ms: number }> {
    const script: Script = { ...honest, [stage]: ['hang'] };
    const model = await scriptedModel(script);
    let sent = 0;
    try {
      const strike = (child: ChildProcess) => {
        const poll = setInterval(() => {
          if (!model.asked.some((question) => question.stage === stage)) return;
          clearInterval(poll);
          sent = Date.now();
          for (const [i, signal] of signals.entries()) setTimeout(() => child.kill(signal), 500 * i);
        }, 50);
      };
      const ended = await factory(['-C', at.target, ...model.flags, '--', REQUEST], { OLLAMA_HOST: model.host }, strike, at.runs);
      return { ...ended, ms: Date.now() - sent };
    } finally {
      model.close();
    }
  }
  const place = () => ({ target: kept(smallTarget()), runs: kept(mkdtempSync(join(tmpdir(), 'factory-runs-'))) });
  /** A later start in the same folder, which clears away what the one before could not. */
  const startsAgain = async (at: { target: string; runs: string }): Promise<void> => {
    const model = await scriptedModel(REFUSING);
    await factory(['-C', at.target, ...model.flags, '--', REQUEST], { OLLAMA_HOST: model.host }, () => {}, at.runs);
    model.close();
  };
  const branches = (target: string) =>
    execFileSync('git', ['-C', target, 'for-each-ref', '--format=%(refname:short)', 'refs/heads/'], { encoding: 'utf8' }).trim();

  return {
    C01: (): Play => {
      const killed = (stage: (typeof STAGES)[number]): Try => ({
        what: `while ${stage} thinks`,
        must: 'no effect',
        async ends() {
          const at = place();
          const before = fingerprint(at.target);
          const dead = basename((await struck(stage, ['SIGKILL'], at)).folder ?? '');
          const model = await scriptedModel(honest);
          try {
            const next = await factory(['-C', at.target, ...model.flags, '--resume', dead], { OLLAMA_HOST: model.host }, () => {}, at.runs);
            const took = model.asked.map((question) => question.stage);
            const again = STAGES.slice(0, STAGES.indexOf(stage)).filter((one) => took.includes(one) && one !== 'TEST' && one !== 'BUILD');
            const clean = left(dead).length === 0 && left(next.result?.run ?? '').length === 0 && fingerprint(at.target) === before;
            return next.result?.outcome === 'pr' && again.length === 0 && clean ? 'no effect' : null;
          } finally {
            model.close();
          }
        },
      });
      return {
        control: [
          {
            what: 'what a killed run made is still on the engine',
            async works() {
              const at = place();
              const dead = basename((await struck('BUILD', ['SIGKILL'], at)).folder ?? '');
              const names = left(dead);
              await startsAgain(at);
              return names.length > 0 && left(dead).length === 0;
            },
          },
        ],
        attack: STAGES.map(killed),
        twin: [
          {
            what: 'a run that nobody kills',
            must: null,
            async ends() {
              const at = place();
              const model = await scriptedModel(honest);
              const ended = await factory(['-C', at.target, ...model.flags, '--', REQUEST], { OLLAMA_HOST: model.host }, () => {}, at.runs);
              model.close();
              return (ended.result?.code ?? null) as FailureCode | null;
            },
          },
        ],
      };
    },

    C02: (): Play => {
      const stopped = (
        what: string,
        stage: (typeof STAGES)[number],
        signals: Signals,
        must: FailureCode,
        exit: number,
        long = false,
      ): Try => ({
        what: `${what}, while ${stage} thinks`,
        must,
        long,
        async ends() {
          const at = place();
          const before = fingerprint(at.target);
          const ended = await struck(stage, signals, at);
          const clean =
            left(basename(ended.folder ?? 'none')).length === 0 && fingerprint(at.target) === before && branches(at.target) === 'main';
          return ended.exitCode === exit && ended.ms < IN_TIME && clean ? ((ended.result?.code ?? null) as Outcome) : null;
        },
      });
      return {
        control: [
          {
            what: 'a program that listens to no signal leaves its container behind',
            works() {
              const label = `factory.run=hostile-orphan-${process.pid}`;
              execFileSync('docker', ['run', '--detach', '--label', label, imageOf(), 'sleep', '60'], { stdio: 'ignore' });
              const ids = () => execFileSync('docker', ['ps', '--quiet', '--filter', `label=${label}`], { encoding: 'utf8' }).trim();
              const id = ids();
              execFileSync('docker', ['rm', '--force', id], { stdio: 'ignore' });
              return id !== '' && ids() === '';
            },
          },
        ],
        attack: [
          stopped('Ctrl-C', 'PLAN', ['SIGINT'], 'interrupted', 130, true),
          stopped('Ctrl-C', 'BUILD', ['SIGINT'], 'interrupted', 130),
          {
            what: 'Ctrl-C twice, while SCOUT thinks: ended at once, and cleared away by the next start',
            must: 'interrupted',
            async ends() {
              const at = place();
              const before = fingerprint(at.target);
              const ended = await struck('SCOUT', ['SIGINT', 'SIGINT'], at);
              await startsAgain(at);
              const clean =
                left(basename(ended.folder ?? 'none')).length === 0 && fingerprint(at.target) === before && branches(at.target) === 'main';
              return ended.exitCode === 130 && ended.ms < IN_TIME && clean ? 'interrupted' : null;
            },
          },
          stopped('SIGTERM', 'BUILD', ['SIGTERM'], 'terminated', 143),
        ],
        twin: [
          {
            what: 'a run that ends by itself, with a code of its own',
            must: null,
            async ends() {
              const at = place();
              const model = await scriptedModel(REFUSING);
              const ended = await factory(['-C', at.target, ...model.flags, '--', REQUEST], { OLLAMA_HOST: model.host }, () => {}, at.runs);
              model.close();
              return ended.exitCode === 2 && left(basename(ended.folder ?? 'none')).length === 0 ? null : 'bug';
            },
          },
        ],
      };
    },

    I02: (): Play => {
      const pinned =
        (make: () => string, target: string | null = null) =>
        async (): Promise<Outcome> => {
          const directory = kept(make());
          const repository = gitRepository();
          try {
            await repository.readTree(await repository.pin({ directory, target, base: null }));
            return null;
          } catch (error) {
            if (error instanceof Failure) return error.code;
            throw error;
          }
        };
      const nowhere = () => mkdtempSync(join(tmpdir(), 'hostile-nowhere-'));
      return {
        control: [
          {
            what: 'who works on the files as they lie there takes what nobody committed',
            works: () => existsSync(join(kept(smallTarget()), 'notes.txt')),
          },
        ],
        attack: [
          { what: 'a folder that is in no repository', must: 'not_a_repository', ends: pinned(nowhere) },
          { what: 'a bare repository', must: 'target_bare', ends: pinned(bareRepository) },
          { what: 'a repository without a commit', must: 'target_unborn', ends: pinned(unbornRepository) },
          { what: 'a target that is not there', must: 'target_missing', ends: pinned(smallTarget, 'nowhere') },
          {
            what: 'a submodule inside the target',
            must: 'target_unsupported',
            ends: pinned(() => targetWithSubmodule('target-app/library')),
          },
        ],
        twin: [
          { what: 'a dirty tree, with a stash', must: null, ends: pinned(smallTarget) },
          { what: 'a detached HEAD', must: null, ends: pinned(detachedTarget) },
          { what: 'a shallow clone', must: null, ends: pinned(shallowTarget) },
          { what: 'a submodule beside the target', must: null, ends: pinned(() => targetWithSubmodule('library')) },
        ],
      };
    },
  };
}

function imageOf(): string {
  return execFileSync('docker', ['images', '--quiet', '--filter', 'label=factory.image=base'], { encoding: 'utf8' }).split('\n')[0] ?? '';
}
