import { imageFor } from './stage-images.ts';

/** An image with python3 for tests that need some container but none in particular; FACTORY_TEST_IMAGE names another. */
export function testImage(): Promise<string> {
  const named = process.env.FACTORY_TEST_IMAGE;
  return named === undefined || named === '' ? imageFor('test-running') : Promise.resolve(named);
}
