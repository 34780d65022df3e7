import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { connect } from '../../adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../adapters/engine/docker/docker.ts';
import { imageSizes } from '../../adapters/engine/docker/image-sizes.ts';
import { dockerImageStore } from '../../adapters/engine/docker/images.ts';
import { listModels, showModel } from '../../adapters/provider/ollama/show.ts';
import { gitRepository } from '../../adapters/workspace/git/index.ts';
import { CONTAINER_KINDS } from '../../domain/stage.ts';
import { jsonLine } from '../../domain/untrusted.ts';
import type { EngineInfo } from '../../ports/engine.ts';
import type { Console, Ending } from '../console.ts';
import { certificatesProbe } from '../doctor/certificates.ts';
import { engineProbes } from '../doctor/engine.ts';
import { examine } from '../doctor/examine.ts';
import { type DoctorReport, doctorReportSchema } from '../doctor/finding.ts';
import { type ImagesThere, imagesProbe } from '../doctor/images.ts';
import { diskProbe, type Filled, gitProbe, nodeProbe, tokenProbe } from '../doctor/machine.ts';
import { modelsProbe } from '../doctor/models.ts';
import { localDisks, programs } from '../doctor/outside.ts';
import { renderReport } from '../doctor/render.ts';
import { loadPolicies } from '../policies.ts';
import { splitName } from '../providers.ts';
import { type Flags, readSettings } from '../settings.ts';
import { missingImages } from '../setup/ensure.ts';
import { factoryRoot } from '../setup/root.ts';

interface DoctorFlags extends Flags {
  readonly directory: string;
  readonly target?: string | undefined;
  readonly runs?: string | undefined;
  readonly dockerHost?: string | undefined;
  readonly json?: boolean | undefined;
}

/** `factory doctor`: whether a run could start here, and what to do where not. */
export function doctorCommand(program: Command, console: Console, ending: Ending): void {
  program
    .command('doctor')
    .description('look whether a run could start here: engine, images, disk, models; each fault with its fix')
    .option('-C, --directory <folder>', 'look for the repository of this folder', process.cwd())
    .option('--target <folder>', 'the target inside the repository')
    .option('--model <[STAGE=]name>', 'as for `run`', (value: string, before: string[]) => [...before, value], [])
    .option('--ollama-host <url>', 'where Ollama answers')
    .option('--context-tokens <n>', 'as for `run`')
    .option('--docker-host <url>', 'the engine')
    .option('--config <file>', 'settings (default: factory.yaml here)')
    .option('--runs <folder>', 'where the runs’ folders are made')
    .option('--json', 'print the findings as one JSON object on stdout')
    .action(async (flags: DoctorFlags) => {
      ending.json = flags.json === true;
      const report = await doctor(flags, console.env);
      console.out(ending.json ? `${jsonLine(doctorReportSchema.parse(report))}\n` : renderReport(report));
      ending.code = report.exit_code;
    });
}

async function doctor(flags: DoctorFlags, env: NodeJS.ProcessEnv): Promise<DoctorReport> {
  const root = factoryRoot();
  const settings = readSettings(flags, env, process.cwd());
  const { policies } = loadPolicies(env.FACTORY_POLICIES || join(root, 'policies'));
  const run = programs(env);
  const host = settings.ollamaHost;
  // Found once: the probes that need it wait for the same answer.
  const connection = connect({ host: flags.dockerHost, env, pingMs: 2_000 });
  const info = connection.then(({ docker, endpoint }) => dockerEngine(docker, endpoint).info());
  info.catch(() => undefined);

  async function imagesThere(): Promise<ImagesThere> {
    const { docker } = await connection;
    const { architecture } = await info;
    const repository = gitRepository({ environment: env });
    const base = await repository.pin({ directory: flags.directory, target: flags.target ?? null, base: null });
    const tree = await repository.readTree(base);
    const store = dockerImageStore(docker);
    const [missing, { total }] = await Promise.all([
      missingImages({ store, architecture, tree, kinds: CONTAINER_KINDS, env }),
      imageSizes(docker),
    ]);
    return { missing, bytes: total };
  }

  async function folders(): Promise<Filled[]> {
    const engine = await info.catch(() => null);
    const images = engine === null ? null : engineFolder(engine);
    return [
      { what: 'runs', folder: flags.runs ?? join(root, 'runs'), own: true },
      { what: 'cache', folder: join(root, '.cache'), own: true },
      ...(images === null ? [] : [{ what: 'engine', folder: images, own: false }]),
    ];
  }

  return examine({
    node: nodeProbe(process.version),
    git: gitProbe(run),
    disk: diskProbe(folders, localDisks),
    certificates: certificatesProbe(env),
    ...engineProbes(() => info, policies, process.arch),
    images: imagesProbe(() => info, imagesThere),
    models: modelsProbe(
      { host, list: (signal) => listModels(host, signal), show: (model, signal) => showModel(host, model, signal) },
      {
        models: [...new Set(Object.values(settings.modelOf))].filter((name) => splitName(name).kind === 'ollama'),
        contextTokens: settings.context_tokens,
      },
    ),
    token: tokenProbe(env, run),
  });
}

/** The engine's own folder, where it is one of this machine's. */
function engineFolder({ endpoint, about }: EngineInfo): string | null {
  return endpoint.startsWith('unix://') && about?.hostname === hostname() ? (about.storageFolder ?? null) : null;
}
