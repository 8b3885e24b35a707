import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { checkAddress } from '../../../../lib/pipeline/collect/address.ts';
import { GET_LIMITS, guardedGet } from '../../../../lib/pipeline/collect/get.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`;
}

const inner = { ...GET_LIMITS, inner: true };

describe('addresses', () => {
  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    'fe80::1',
    'ff02::1',
    'fd00:ec2::254',
    '64:ff9b::a9fe:a9fe',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    'nonsense',
  ])('%s is never called', (address) => {
    expect(() => checkAddress(address, true)).toThrow(/is never called/);
  });

  it.each([
    '127.0.0.1',
    '127.8.9.10',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '::1',
    'fc00::1',
    '::ffff:127.0.0.1',
  ])('%s only where the deploy allows it', (address) => {
    expect(() => checkAddress(address, false)).toThrow(/is not public/);
    expect(() => checkAddress(address, true)).not.toThrow();
  });

  it.each(['93.184.216.34', '172.32.0.1', '2606:2800:220:1::1'])('%s is', (address) => {
    expect(() => checkAddress(address, false)).not.toThrow();
  });
});

describe('the GET of a collector', () => {
  it('brings status and bytes, and says what it is', async () => {
    const url = await serve((request, response) => {
      response
        .writeHead(418)
        .end(`${request.url} ${request.headers['user-agent']} ${request.headers.authorization}`);
    });
    const { status, body } = await guardedGet(inner)(new URL(`${url}?group_number=3`));
    expect(status).toBe(418);
    expect(Buffer.from(body).toString()).toBe('/data?group_number=3 arboleda-collector undefined');
  });

  it('reaches nothing private unless told', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.end('{}');
    });
    const closed = guardedGet({ ...GET_LIMITS, inner: false });
    await expect(closed(new URL(url))).rejects.toMatchObject({ code: 'FORBIDDEN_ADDRESS' });
    await expect(closed(new URL(url.replace('127.0.0.1', 'localhost')))).rejects.toMatchObject({
      code: 'FORBIDDEN_ADDRESS',
    });
    // Other spellings of the same address: the URL's own parser makes them one.
    for (const host of ['2130706433', '0x7f.1', '[::ffff:127.0.0.1]']) {
      await expect(closed(new URL(url.replace('127.0.0.1', host))), host).rejects.toMatchObject({
        code: 'FORBIDDEN_ADDRESS',
      });
    }
    expect(asked).toBe(0);
  });

  it('judges what a name is looked up to, all of it, and connects to that and nothing else', async () => {
    const url = await serve((_, response) => response.end('here'));
    const port = new URL(url).port;
    const at = (addresses: string[], allow: boolean) =>
      guardedGet({
        ...GET_LIMITS,
        inner: allow,
        resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      })(new URL(`http://rebound.example:${port}/`));
    expect(Buffer.from((await at(['127.0.0.1'], true)).body).toString()).toBe('here');
    await expect(at(['127.0.0.1'], false)).rejects.toMatchObject({ code: 'FORBIDDEN_ADDRESS' });
    await expect(at(['93.184.216.34', '169.254.169.254'], true)).rejects.toMatchObject({
      code: 'FORBIDDEN_ADDRESS',
    });
    await expect(at([], true)).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('follows no redirect', async () => {
    const url = await serve((_, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    );
    expect((await guardedGet(inner)(new URL(url))).status).toBe(302);
  });

  it('waits no longer than its limit, for the answer or for its end', async () => {
    const silent = await serve(() => undefined);
    const trickling = await serve((_, response) => {
      response.write('{');
    });
    for (const url of [silent, trickling]) {
      await expect(guardedGet({ ...inner, milliseconds: 150 })(new URL(url))).rejects.toMatchObject({
        kind: 'timeout',
      });
    }
  });

  it('takes no more bytes than its limit', async () => {
    const url = await serve((_, response) => response.end(Buffer.alloc(20_000)));
    await expect(guardedGet({ ...inner, bytes: 10_000 })(new URL(url))).rejects.toMatchObject({
      kind: 'too-large',
    });
    expect((await guardedGet({ ...inner, bytes: 20_000 })(new URL(url))).body).toHaveLength(20_000);
  });

  it('hands on what came of a body that was cut off', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"batch_number": 1');
      setTimeout(() => request.socket.destroy(), 20);
    });
    const { status, body } = await guardedGet(inner)(new URL(url));
    expect([status, Buffer.from(body).toString()]).toEqual([200, '{"batch_number": 1']);
  });

  it('says that nothing listens', async () => {
    const url = await serve((_, response) => response.end());
    const server = servers.splice(0)[0]!;
    await new Promise((resolve) => server.close(resolve));
    await expect(guardedGet(inner)(new URL(url))).rejects.toMatchObject({ kind: 'unreachable' });
  });
});
