import type { Command } from 'commander';

/** The options of every command that takes a request down the line. */
export function lineOptions(command: Command): Command {
  const collect = (value: string, before: string[]) => [...before, value];
  return command
    .option('-C, --directory <folder>', 'work on the repository of this folder', process.cwd())
    .option('--target <folder>', 'the target inside the repository (default: target-app/ where there is one)')
    .option('--base <revision>', 'start from this commit or branch (default: HEAD)')
    .option(
      '--model <[STAGE=]name>',
      'model for all stages, or for one; more after commas are asked in order; may be given again',
      collect,
      [],
    )
    .option('--allow-paid', 'let models be asked that cost money (anthropic:…, openai:…)')
    .option('--same-reviewer', 'let REVIEW ask the model that BUILD asks')
    .option('--ollama-host <url>', 'where Ollama answers (default: OLLAMA_HOST, else 127.0.0.1:11434)')
    .option('--pull', 'pull the models that Ollama lacks; where none answers, start one in a container first (Docker, internet, gigabytes)')
    .option('--turns <n>', 'completions an attempt may take')
    .option('--context-tokens <n>', 'context to ask the model for')
    .option('--output-tokens <n>', 'longest reply')
    .option('--model-timeout <seconds>', 'for one completion')
    .option('--time-limit <seconds>', 'for the whole run')
    .option('--max-usd <dollars>', 'no call is made that could pass this')
    .option('--max-tokens <n>', 'no call is made that could pass this, in and out together')
    .option('--docker-host <url>', 'the engine (default: DOCKER_HOST, the current context, the usual sockets)')
    .option('--config <file>', 'settings (default: factory.yaml here)')
    .option('--runs <folder>', 'where the run’s folder is made')
    .option('--json', 'print the result as one JSON object on stdout');
}
