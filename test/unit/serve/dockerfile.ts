/** The instructions of a Dockerfile that this test carries out: `ARG` and `ENV` values, copies, the folder, the command. */
export interface Image {
  base: string;
  env: Record<string, string>;
  workdir: string;
  copies: { from: string; to: string }[];
  runs: string[];
  user: string;
  ports: string[];
  healthcheck: string[];
  cmd: string[];
}

/** Reads a Dockerfile of one stage. Throws on an instruction that it does not carry out, so that none is passed over. */
export function readDockerfile(text: string, given: Record<string, string> = {}): Image {
  const image: Image = {
    base: '',
    env: {},
    workdir: '/',
    copies: [],
    runs: [],
    user: 'root',
    ports: [],
    healthcheck: [],
    cmd: [],
  };
  const args: Record<string, string> = {};
  const filled = (value: string): string =>
    value.replace(/\$\{(\w+)\}|\$(\w+)/g, (_, a?: string, b?: string) => {
      const name = a ?? b ?? '';
      const found = image.env[name] ?? args[name];
      if (found === undefined) throw new Error(`${name} is not set`);
      return found;
    });
  const lines = text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of lines) {
    const [word = '', rest = ''] = [line.split(/\s/, 1)[0], line.slice(line.indexOf(' ') + 1).trim()];
    const [name = '', value = ''] = rest.split('=');
    if (word === 'FROM') {
      if (image.base !== '') throw new Error('a second stage is not carried out');
      image.base = rest;
    } else if (word === 'ARG') args[name] = given[name] ?? value;
    else if (word === 'ENV') image.env[name] = filled(value);
    else if (word === 'WORKDIR') image.workdir = filled(rest);
    else if (word === 'COPY') {
      const [from = '', to = '', ...more] = filled(rest).split(/\s+/);
      if (more.length > 0 || from.startsWith('--')) throw new Error(`not carried out: ${line}`);
      image.copies.push({ from, to });
    } else if (word === 'RUN') image.runs.push(rest);
    else if (word === 'USER') image.user = rest;
    else if (word === 'EXPOSE') image.ports.push(rest);
    else if (word === 'HEALTHCHECK') image.healthcheck = execForm(rest.slice(rest.indexOf('CMD') + 3));
    else if (word === 'CMD') image.cmd = execForm(rest);
    else throw new Error(`not carried out: ${line}`);
  }
  return image;
}

const execForm = (text: string): string[] => {
  const words: unknown = JSON.parse(text);
  if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  throw new Error(`not in exec form: ${text}`);
};
