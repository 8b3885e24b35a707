/** The platform's version, as package.json has it (a test holds them together): a bundle has no package.json. */
export const VERSION = '0.1.0';
