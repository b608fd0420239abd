import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { InstanceOptions } from './instance.js';

const folder = new URL('./', import.meta.url).pathname;

/** What a page of an instance answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // What the pages answer is for the tests to say.
  readonly body: { readonly [name: string]: unknown };
}

/** An event that an instance has told. */
export interface ToldEvent {
  readonly type: string;
  readonly session?: string;
  readonly user?: string;
  readonly reason?: string;
}

/** An application in a process of its own. */
export class Instance {
  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
  ) {}

  /** @param onEvent called with each event of the package */
  static async start(options: InstanceOptions, onEvent?: (event: ToldEvent) => void): Promise<Instance> {
    if (!existsSync(`${folder}../../../dist/index.js`)) throw new Error('These tests run what is built: npm run build');
    const child = fork(`${folder}instance.ts`, {
      execArgv: ['--expose-gc', '--import', `${folder}typescript.js`],
      env: { ...process.env, INSTANCE: JSON.stringify(options) },
    });
    if (onEvent) child.on('message', ({ event }: { event?: ToldEvent }) => event && onEvent(event));
    const [message] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('The instance did not start'))),
    ]);
    return new Instance(child, `http://127.0.0.1:${message.port}`);
  }

  /** Lets slow requests go on. */
  async release(): Promise<void> {
    await ask(this, 'POST', '/control/release');
  }

  async setClock(offset: number): Promise<void> {
    await ask(this, 'POST', '/control/clock', { body: { offset } });
  }

  async revoke(session: string): Promise<boolean> {
    return (await ask(this, 'POST', '/control/revoke', { body: { session } })).body['ended'] as boolean;
  }

  async events(): Promise<{ type: string; reason?: string }[]> {
    return (await ask(this, 'GET', '/control/events')).body as unknown as { type: string; reason?: string }[];
  }

  /** The bytes that its objects take, without those that nobody uses. */
  async heap(): Promise<number> {
    const answered = new Promise<number>((resolve) => {
      const take = ({ heap }: { heap?: number }) => {
        if (heap === undefined) return;
        this.process.off('message', take);
        resolve(heap);
      };
      this.process.on('message', take);
    });
    this.process.send({});
    return answered;
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, 'exit');
    this.process.kill(signal);
    await exited;
  }
}

/** Several instances that share everything. */
export function startInstances(options: Omit<InstanceOptions, 'prefix'>[]): Promise<Instance[]> {
  const prefix = `test-${randomUUID()}:`;
  return Promise.all(options.map((some) => Instance.start({ ...some, prefix })));
}

interface Question {
  readonly cookie?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

export async function ask(to: Instance, method: string, path: string, question: Question = {}): Promise<Answer> {
  const { cookie, headers, body } = question;
  const response = await fetch(to.url + path, {
    method,
    headers: { ...headers, ...(cookie && { cookie }), ...(body && { 'content-type': 'application/json' }) },
    body: body ? JSON.stringify(body) : null,
    redirect: 'manual',
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : {} };
}

/** Somebody whose requests go to whichever instance the test says. */
export class Browser {
  cookie: string | undefined;

  /** @param headers what it sends each time, like the limits it is to be judged by */
  constructor(private readonly headers: Record<string, string> = {}) {}

  async get(to: Instance, path: string): Promise<Answer> {
    return this.keep(await ask(to, 'GET', path, { cookie: this.cookie, headers: this.headers }));
  }

  async post(to: Instance, path: string, body: object = {}): Promise<Answer> {
    return this.keep(await ask(to, 'POST', path, { cookie: this.cookie, headers: this.headers, body }));
  }

  async signIn(to: Instance, user = 'alice', path = '/login'): Promise<this> {
    const { status } = await this.post(to, path, { user });
    if (status !== 201 && status !== 200) throw new Error(`Signing in was answered with ${status}`);
    return this;
  }

  private keep(answer: Answer): Answer {
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair] = cookie.split(';') as [string];
      if (pair.startsWith('connect.sid=')) this.cookie = pair === 'connect.sid=' ? undefined : pair;
    }
    return answer;
  }
}
