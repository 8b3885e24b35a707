import { ArboledaError } from '../../lib/errors/index.ts';

/** No Python 3.10+ with venv on this machine. */
export class MissingPythonError extends ArboledaError {
  static override readonly code: string = 'PYTHON_MISSING';
  static override readonly remedy: string =
    'Install Python 3.10 or newer with its venv module (Debian: `apt install python3 python3-venv`), or name one in ARBOLEDA_PYTHON.';
}

/** Another program listens where the emulator should. */
export class PortTakenError extends ArboledaError {
  static override readonly code: string = 'PORT_TAKEN';
  static override readonly remedy: string =
    'End that program, or choose another port: `npx arboleda up --port 4600`.';
}

/** The emulator did not start or did not stop. */
export class EmulatorError extends ArboledaError {
  static override readonly code: string = 'EMULATOR_FAILED';
  static override readonly remedy: string =
    'Read the log that is named, then `npx arboleda down` and start again.';
}

/** The emulator was there and is gone. */
export class EmulatorGoneError extends ArboledaError {
  static override readonly code: string = 'EMULATOR_GONE';
  static override readonly remedy: string =
    'Start it again (`npm start` or `npx arboleda up`), then `npx arboleda reconcile --fix` mends what the kill left behind.';
}

/** `cdk bootstrap` or `cdk deploy` ended with an error. */
export class DeployError extends ArboledaError {
  static override readonly code: string = 'DEPLOY_FAILED';
  static override readonly remedy: string =
    'Read the log that is named; `npx arboleda down --clean` starts from nothing.';
}

/** No stack to talk to. */
export class NoStackError extends ArboledaError {
  static override readonly code: string = 'NO_STACK';
  static override readonly remedy: string =
    'Start the local one with `npx arboleda up`, or set ARBOLEDA_API_URL and ARBOLEDA_TOKEN to use one in the cloud.';
}
