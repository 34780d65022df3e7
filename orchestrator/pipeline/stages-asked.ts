import { MODEL_STAGES, type ModelStage } from '../domain/stage.ts';
import type { RunOrder } from './order.ts';

/** The stages that will ask a model: what is given takes a stage's place, and a line may end early. */
export function stagesAsked(spec: RunOrder['spec'], upTo: RunOrder['upTo'], given: RunOrder['given'] = null): ModelStage[] {
  return MODEL_STAGES.filter((stage) => {
    if (stage === 'PLAN') return spec === null;
    if (stage === 'REVIEW') return upTo === 'PR' && given?.review == null;
    return upTo !== 'PLAN' && given === null;
  });
}
