/** The token lives as long as the tab: it is in no cookie, no address and no other tab. */
const KEY = 'arboleda.token';

export const readToken = (): string | undefined => sessionStorage.getItem(KEY) ?? undefined;
export const keepToken = (token: string): void => sessionStorage.setItem(KEY, token);
export const dropToken = (): void => sessionStorage.removeItem(KEY);
