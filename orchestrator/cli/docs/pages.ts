import { join } from 'node:path';
import { loadPolicies } from '../policies.ts';
import { policiesPage } from './policies.ts';
import { providerFaultsPage } from './provider-faults.ts';
import { troubleshooting } from './troubleshooting.ts';

/** The pages of docs/ that are made of what the program knows, by path relative to the repository. */
export function generatedPages(root: string): ReadonlyMap<string, string> {
  return new Map([
    ['docs/troubleshooting.md', troubleshooting()],
    ['docs/provider-faults.md', providerFaultsPage()],
    ['docs/policies.md', policiesPage(loadPolicies(join(root, 'policies')).policies)],
  ]);
}
