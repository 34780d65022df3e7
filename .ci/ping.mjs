// Ends with 0 when a Docker engine answers, found as the factory finds it; else says where it was looked for and ends with 3.
import { connect } from '../build/orchestrator/adapters/engine/docker/connect.js';

try {
  await connect({ env: process.env });
} catch (error) {
  console.error(`No Docker engine answers: ${error.detail ?? error.message}`);
  process.exitCode = 3;
}
