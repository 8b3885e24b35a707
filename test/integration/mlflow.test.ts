import { describe } from 'vitest';
import { mlflowThroughTheGateway } from './support/mlflow.ts';

describe('MLflow through the gateway', mlflowThroughTheGateway);
