import { BlockList, isIP } from 'node:net';
import { ForbiddenAddressError } from './errors.ts';

/** Never called: link-local (there lie the metadata and credentials of AWS), multicast, unspecified, reserved. */
const never = new BlockList();
never.addSubnet('0.0.0.0', 8, 'ipv4');
never.addSubnet('169.254.0.0', 16, 'ipv4');
never.addSubnet('224.0.0.0', 3, 'ipv4');
never.addAddress('::', 'ipv6');
never.addSubnet('fe80::', 10, 'ipv6');
never.addSubnet('ff00::', 8, 'ipv6');
// AWS's own services on the instance, by IPv6; and IPv4 written within IPv6, which a gateway would translate back.
never.addSubnet('fd00:ec2::', 32, 'ipv6');
never.addSubnet('64:ff9b::', 96, 'ipv6');
never.addSubnet('64:ff9b:1::', 48, 'ipv6');
never.addSubnet('2002::', 16, 'ipv6');

/** Called only where the deploy says so: on AWS nothing good answers there, least of all the function's own runtime. */
const inside = new BlockList();
inside.addSubnet('127.0.0.0', 8, 'ipv4');
inside.addSubnet('10.0.0.0', 8, 'ipv4');
inside.addSubnet('100.64.0.0', 10, 'ipv4');
inside.addSubnet('172.16.0.0', 12, 'ipv4');
inside.addSubnet('192.168.0.0', 16, 'ipv4');
inside.addAddress('::1', 'ipv6');
inside.addSubnet('fc00::', 7, 'ipv6');

/**
 * Refuses an IP address that must not be called.
 * @param inner whether private and loopback addresses may be.
 * @throws ForbiddenAddressError
 */
export function checkAddress(address: string, inner: boolean): void {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || never.check(address, family)) refuse(address, 'is never called');
  if (!inner && inside.check(address, family)) refuse(address, 'is not public');
}

function refuse(address: string, why: string): never {
  throw new ForbiddenAddressError(`the address ${address} ${why}`, { field: 'url' });
}

/** Where the URL itself names an address: judged before any call. A name is judged when it is looked up. */
export function checkLiteral(url: URL, inner: boolean): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) checkAddress(host, inner);
}
