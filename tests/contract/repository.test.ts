import { fakeRepository } from '../../orchestrator/adapters/workspace/fake/index.ts';
import { gitRepository } from '../../orchestrator/adapters/workspace/git/index.ts';
import { below, repositoryOf } from '../unit/git/on-disk.ts';
import { repositoryContract } from './repository.ts';

repositoryContract('git', (files) => {
  const { directory, environment, close } = repositoryOf(below('target-app', files));
  return { repository: gitRepository({ environment }), directory, close };
});

repositoryContract('fake', (files) => ({ repository: fakeRepository(files), directory: '/anywhere', close: () => undefined }));
