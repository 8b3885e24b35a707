import { fileURLToPath } from 'node:url';
import { pinnedPython } from '../../support/venv.ts';

const REQUIREMENTS = fileURLToPath(new URL('../client/requirements.txt', import.meta.url));

/** The python of a venv with the pinned MLflow. @throws Error as `pinnedPython` */
export const mlflowPython = (say: (text: string) => void): Promise<string> =>
  pinnedPython('mlflow', REQUIREMENTS, say);
