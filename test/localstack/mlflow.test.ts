import { describe } from 'vitest';
import { mlflowThroughTheGateway } from '../integration/support/mlflow.ts';

describe('MLflow on LocalStack', mlflowThroughTheGateway);
