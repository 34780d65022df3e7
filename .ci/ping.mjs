// Ends with 0 when a Docker engine answers, found as the factory finds it; else says where it was looked for and what to do, and ends with 3.
import { connect } from '../build/orchestrator/adapters/engine/docker/connect.js';

try {
  await connect({ env: process.env });
} catch (error) {
  console.error(error.entry === undefined ? error.message : `${error.entry.sentence}\n${error.detail}`);
  process.exitCode = 3;
}
