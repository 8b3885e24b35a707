import { registerStage } from '../../lib/pipeline/stages/register.ts';
import { stageHandler } from '../shared/stage.ts';

export const handler = stageHandler(registerStage);
