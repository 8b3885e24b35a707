import { describe, expect, it } from 'vitest';
import {
  AlreadyExistsError,
  BadDataError,
  ConflictError,
  ForbiddenError,
  IntegrityError,
  InvalidInputError,
  NotFoundError,
  NotImplementedError,
  TooLargeError,
  TransientError,
  UnauthenticatedError,
} from '../../../../lib/errors/index.ts';
import {
  MethodNotAllowedError,
  RequestTimedOutError,
  UnknownRouteError,
} from '../../../../lib/http/index.ts';
import { MLFLOW_STATUS, MlflowError, toMlflowError } from '../../../../lib/http/mlflow/errors.ts';

describe("an error in MLflow's form", () => {
  it.each([
    [new InvalidInputError('m'), 400, 'INVALID_PARAMETER_VALUE'],
    [new BadDataError('m'), 400, 'INVALID_PARAMETER_VALUE'],
    [new IntegrityError('m'), 400, 'INVALID_PARAMETER_VALUE'],
    [new AlreadyExistsError('m'), 400, 'RESOURCE_ALREADY_EXISTS'],
    [new UnauthenticatedError('m'), 401, 'UNAUTHENTICATED'],
    [new ForbiddenError('m'), 403, 'PERMISSION_DENIED'],
    [new NotFoundError('m'), 404, 'RESOURCE_DOES_NOT_EXIST'],
    [new UnknownRouteError('m'), 404, 'ENDPOINT_NOT_FOUND'],
    [new MethodNotAllowedError('m'), 405, 'ENDPOINT_NOT_FOUND'],
    [new ConflictError('m'), 409, 'RESOURCE_CONFLICT'],
    [new TooLargeError('m'), 413, 'BAD_REQUEST'],
    [new NotImplementedError('m'), 501, 'NOT_IMPLEMENTED'],
    [new TransientError('m'), 503, 'TEMPORARILY_UNAVAILABLE'],
    [new RequestTimedOutError('m'), 504, 'DEADLINE_EXCEEDED'],
    [new Error('a secret of the inside'), 500, 'INTERNAL_ERROR'],
    ['thrown', 500, 'INTERNAL_ERROR'],
  ])('%s', (error, status, code) => {
    const { body, ...rest } = toMlflowError(error);
    expect([rest.status, body.error_code]).toEqual([status, code]);
    expect(Object.keys(body)).toEqual(['error_code', 'message']);
    expect(body.message).not.toMatch(/secret/);
  });

  it.each(Object.entries(MLFLOW_STATUS))(
    '%s has the status %i, and its own message untouched',
    (code, status) => {
      const error = new MlflowError(code as keyof typeof MLFLOW_STATUS, 'as it is');
      expect(toMlflowError(error)).toEqual({ status, body: { error_code: code, message: 'as it is' } });
    },
  );

  it('says what to do where the message alone would not help, and nowhere else', () => {
    const large = toMlflowError(new TooLargeError('the body has 5 bytes', { remedy: 'Send parts.' }));
    expect(large.body.message).toBe('the body has 5 bytes. Send parts.');
    expect(toMlflowError(new InvalidInputError('No.', { remedy: 'x' })).body.message).toBe('No.');
  });
});
