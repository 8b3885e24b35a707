/** Class names put together; what does not hold is left out. @example cx('badge', isLive && 'live') */
export const cx = (...names: (string | false | null | undefined)[]): string =>
  names.filter(Boolean).join(' ');
