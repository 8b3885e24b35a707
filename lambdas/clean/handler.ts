import { cleanStage } from '../../lib/pipeline/stages/clean.ts';
import { stageHandler } from '../shared/stage.ts';

export const handler = stageHandler(cleanStage);
