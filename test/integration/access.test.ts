import { describe, expect, it } from 'vitest';
import type { RunList } from '../../bin/cli/api-types.ts';
import { admin, as, endRun, newToken, raw } from './support/api.ts';

const unauthenticated = { status: 401, body: { code: 'UNAUTHENTICATED' } };

describe('who may do what', () => {
  it('lets nobody in without a token, but to what is public', async () => {
    for (const path of ['/runs', '/models', '/pipelines', '/tokens', '/predictions/x', '/no/such/route']) {
      expect(await raw('GET', path, { token: '' }), path).toMatchObject(unauthenticated);
    }
    for (const path of ['/openapi.json', '/docs', '/']) {
      expect((await raw('GET', path, { token: '' })).status, path).toBe(200);
    }
  });

  it('refuses a wrong token, an empty one, and one in the wrong place', async () => {
    expect(await raw('GET', '/runs', { token: 'arb_not-a-token' })).toMatchObject(unauthenticated);
    for (const authorization of [
      'Bearer ',
      'Bearer',
      'Basic !!!',
      'Bearer a b',
      `Bearer ${'x'.repeat(5000)}`,
    ]) {
      expect(
        await raw('GET', '/runs', { token: '', headers: { authorization } }),
        authorization,
      ).toMatchObject(unauthenticated);
    }
  });

  it('takes a token as the password of Basic', async () => {
    const { token } = await newToken('viewer');
    const authorization = `Basic ${Buffer.from(`anyone:${token}`).toString('base64')}`;
    expect((await raw('GET', '/runs', { token: '', headers: { authorization } })).status).toBe(200);
  });

  it('refuses a revoked token from the next request on', async () => {
    const { token, record } = await newToken('viewer');
    await as(token).get('/runs');
    await admin().delete(`/tokens/${record.tokenId}`);
    expect(await raw('GET', '/runs', { token })).toMatchObject(unauthenticated);
    const { tokens } = await admin().get<{ tokens: { tokenId: string; revokedAt?: string }[] }>('/tokens');
    expect(tokens.find(({ tokenId }) => tokenId === record.tokenId)?.revokedAt).toBeDefined();
    expect(JSON.stringify(tokens)).not.toContain(token);
  });

  it('gives each role its own permissions', async () => {
    const viewer = (await newToken('viewer')).token;
    const predictor = (await newToken('predictor')).token;
    const row = JSON.stringify({ rooms: 6, area: 120, age: 20 });
    const status = async (token: string, method: string, path: string, body?: string) =>
      (await raw(method, path, { token, ...(body === undefined ? {} : { body }) })).status;
    expect(await status(viewer, 'GET', '/runs')).toBe(200);
    expect(await status(viewer, 'POST', '/pipelines/housing/runs', '{}')).toBe(403);
    expect(await status(viewer, 'POST', '/models/housing/predict', row)).toBe(403);
    expect(await status(viewer, 'POST', '/tokens', '{}')).toBe(403);
    expect(await status(predictor, 'GET', '/runs')).toBe(403);
    expect([200, 404, 503]).toContain(await status(predictor, 'POST', '/models/housing/predict', row));
  });
});

describe('workspaces', () => {
  it('see nothing of each other', async () => {
    const run = await endRun('housing');
    const other = as((await newToken('admin', 'elsewhere')).token);
    expect((await other.get<RunList>('/runs')).runs).toEqual([]);
    for (const path of [`/runs/${run.runId}`, `/runs/${run.runId}/logs`, '/models/housing']) {
      await expect(other.get(path), path).rejects.toMatchObject({ status: 404 });
    }
    await expect(other.post(`/runs/${run.runId}/cancel`)).rejects.toMatchObject({ status: 404 });
    await expect(other.put('/models/housing/aliases/production', { version: '1' })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('make tokens for themselves alone', async () => {
    const other = as((await newToken('admin', 'elsewhere')).token);
    await expect(
      other.post('/tokens', { role: 'viewer', name: 'x', workspace: 'default' }),
    ).rejects.toMatchObject({
      status: 403,
    });
  });
});
