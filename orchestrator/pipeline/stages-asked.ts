import { MODEL_STAGES, type ModelStage } from '../domain/stage.ts';
import type { RunOrder } from './order.ts';

/** The stages that will ask a model: a given Spec takes PLAN's place, and a plan ends with it. */
export function stagesAsked(spec: RunOrder['spec'], upTo: RunOrder['upTo']): ModelStage[] {
  return MODEL_STAGES.filter((stage) => (stage === 'PLAN' ? spec === null : upTo === 'PR'));
}
