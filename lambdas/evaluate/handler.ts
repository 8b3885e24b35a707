import { evaluateStage } from '../../lib/pipeline/stages/evaluate.ts';
import { stageHandler } from '../shared/stage.ts';

export const handler = stageHandler(evaluateStage);
