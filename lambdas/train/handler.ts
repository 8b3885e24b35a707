import { trainStage } from '../../lib/pipeline/stages/train.ts';
import { stageHandler } from '../shared/stage.ts';

export const handler = stageHandler(trainStage);
