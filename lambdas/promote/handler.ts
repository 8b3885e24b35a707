import { promoteStage } from '../../lib/pipeline/stages/promote.ts';
import { stageHandler } from '../shared/stage.ts';

export const handler = stageHandler(promoteStage);
