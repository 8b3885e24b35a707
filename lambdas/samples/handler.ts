import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ArboledaError } from '../../lib/errors/index.ts';
import { fromGatewayEvent, type GatewayEvent, type GatewayResult } from '../../lib/http/gateway.ts';
import { answerQuery } from '../../lib/pipeline/samples/query.ts';
import { catalog } from '../shared/catalog.ts';

/** Longer than a collector waits, shorter than the gateway does. */
const SILENCE_MS = 15_000;

/** `GET /samples/PIPELINE/data?group_number=N`: deployed with `-c samples=true` only, open to all, generated rows only. */
export const handler = async (event: GatewayEvent): Promise<GatewayResult> => {
  const { segments, query, requestId } = fromGatewayEvent(event);
  const [, pipeline = '', what] = segments;
  try {
    if (what !== 'data' || segments.length !== 3) return reply(404, { detail: 'GET /samples/PIPELINE/data' });
    const parameters = Object.fromEntries(Object.entries(query).map(([name, [value = '']]) => [name, value]));
    const draw = createHash('sha256').update(requestId).digest().readUInt32BE();
    const answer = answerQuery((await catalog()).get(pipeline), parameters, new Date(), draw);
    const { status, body, fault, batch } = answer;
    console.log(JSON.stringify({ message: 'sample', pipeline, status, fault, batch, bytes: body.length }));
    if (status !== 0) return { ...reply(status, {}), body };
    await setTimeout(SILENCE_MS);
    return reply(504, { detail: 'silence' });
  } catch (error) {
    if (!(error instanceof ArboledaError)) throw error;
    // 404 and not 400, which tells a collector that there is no more data.
    return reply(404, { detail: error.message });
  }
};

const reply = (statusCode: number, body: object): GatewayResult => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
  isBase64Encoded: false,
});
