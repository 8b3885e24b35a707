import { ingestStage } from '../../lib/pipeline/stages/ingest.ts';
import { stageHandler } from '../shared/stage.ts';

export const handler = stageHandler(ingestStage);
