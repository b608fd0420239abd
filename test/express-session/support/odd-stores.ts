import { type SessionData, Store } from 'express-session';

type Done = (error?: unknown, row?: SessionData | null) => void;

/** The rows of an odd store, for tests to look at. */
export interface OddStore extends Store {
  rowsForTest(): Map<string, string>;
}

/** What stores have in common: rows as JSON. How it calls back is for each of them. */
abstract class Base extends Store implements OddStore {
  protected readonly rows = new Map<string, string>();

  rowsForTest(): Map<string, string> {
    return this.rows;
  }

  protected read(id: string): SessionData | null {
    const row = this.rows.get(id);
    return row === undefined ? null : (JSON.parse(row) as SessionData);
  }

  protected write(id: string, session: SessionData): void {
    this.rows.set(id, JSON.stringify(session));
  }

  get(id: string, done: Done): void {
    setImmediate(() => done(null, this.read(id)));
  }

  set(id: string, session: SessionData, done?: Done): void {
    this.write(id, session);
    setImmediate(() => done?.());
  }

  override touch(id: string, session: SessionData, done?: Done): void {
    if (this.rows.has(id)) this.write(id, session);
    setImmediate(() => done?.());
  }

  destroy(id: string, done?: Done): void {
    this.rows.delete(id);
    setImmediate(() => done?.());
  }
}

class PrivateFieldsStore extends Store implements OddStore {
  readonly #rows = new Map<string, string>();

  rowsForTest() {
    return this.#rows;
  }

  get(id: string, done: Done): void {
    const row = this.#rows.get(id);
    setImmediate(() => done(null, row === undefined ? null : (JSON.parse(row) as SessionData)));
  }

  set(id: string, session: SessionData, done?: Done): void {
    this.#rows.set(id, JSON.stringify(session));
    setImmediate(() => done?.());
  }

  override touch(id: string, session: SessionData, done?: Done): void {
    if (this.#rows.has(id)) this.#rows.set(id, JSON.stringify(session));
    setImmediate(() => done?.());
  }

  destroy(id: string, done?: Done): void {
    this.#rows.delete(id);
    setImmediate(() => done?.());
  }
}

const TABLE = Symbol('table');

/** Keeps its rows under a symbol, and asks its class and itself for what it needs. */
class SymbolsAndStaticsStore extends Base {
  static readonly encoding = JSON;
  readonly [TABLE] = this.rows;

  protected override read(id: string) {
    const row = this[TABLE].get(id);
    return row === undefined ? null : (SymbolsAndStaticsStore.encoding.parse(row) as SessionData);
  }

  override set(id: string, session: SessionData, done?: Done): void {
    this[TABLE].set(id, (this.constructor as typeof SymbolsAndStaticsStore).encoding.stringify(session));
    setImmediate(() => done?.());
  }
}

/** Its methods have properties that can be called themselves, as those of a tracing library do. */
class CallablePropertiesStore extends Base {
  constructor() {
    super();
    for (const name of ['get', 'set', 'touch', 'destroy'] as const) {
      const method = this[name].bind(this) as (...args: unknown[]) => void;
      const counted = Object.assign((...args: unknown[]) => counted.counting(...args), {
        calls: 0,
        counting(...args: unknown[]) {
          counted.calls += 1;
          method(...args);
        },
      });
      Object.defineProperty(this, name, { value: counted, writable: true, configurable: true });
    }
  }
}

class BoundMethodsStore extends Base {
  override get = (id: string, done: Done): void => void setImmediate(() => done(null, this.read(id)));

  override set = (id: string, session: SessionData, done?: Done): void => {
    this.write(id, session);
    setImmediate(() => done?.());
  };

  override touch = (_id: string, _session: SessionData, done?: Done): void => void setImmediate(() => done?.());

  override destroy = (id: string, done?: Done): void => {
    this.rows.delete(id);
    setImmediate(() => done?.());
  };
}

/** Its methods work only on the very object that the application has made. */
class FussyStore extends Base {
  private readonly self = this;

  private check(self: unknown): void {
    if (self !== this.self || !(self instanceof FussyStore)) throw new TypeError('not my own this');
  }

  override get(...args: Parameters<Base['get']>): void {
    this.check(this);
    super.get(...args);
  }

  override set(...args: Parameters<Base['set']>): void {
    this.check(this);
    super.set(...args);
  }

  override touch(...args: Parameters<Base['touch']>): void {
    this.check(this);
    super.touch(...args);
  }

  override destroy(...args: Parameters<Base['destroy']>): void {
    this.check(this);
    super.destroy(...args);
  }
}

/** Deletes and makes anew in its own way, later. */
class RegeneratingStore extends Base {
  override regenerate(req: Parameters<Store['regenerate']>[0], done: Done): void {
    setImmediate(() => super.regenerate(req, (error) => setImmediate(done, error)));
  }

  override createSession(...args: Parameters<Store['createSession']>) {
    return super.createSession(...args);
  }
}

class AtOnceStore extends Base {
  override get(id: string, done: Done): void {
    done(null, this.read(id));
  }

  override set(id: string, session: SessionData, done?: Done): void {
    this.write(id, session);
    done?.();
  }

  override touch(_id: string, _session: SessionData, done?: Done): void {
    done?.();
  }

  override destroy(id: string, done?: Done): void {
    this.rows.delete(id);
    done?.();
  }
}

class LateStore extends Base {
  private later(done: () => void): void {
    setImmediate(() => setImmediate(() => process.nextTick(() => setImmediate(done))));
  }

  override get(id: string, done: Done): void {
    this.later(() => done(null, this.read(id)));
  }

  override set(id: string, session: SessionData, done?: Done): void {
    this.later(() => super.set(id, session, done));
  }

  override touch(id: string, session: SessionData, done?: Done): void {
    this.later(() => super.touch(id, session, done));
  }

  override destroy(id: string, done?: Done): void {
    this.later(() => super.destroy(id, done));
  }
}

class TwiceStore extends Base {
  override get(id: string, done: Done): void {
    const twice = () => done(null, this.read(id));
    setImmediate(() => {
      twice();
      twice();
    });
  }

  override set(id: string, session: SessionData, done?: Done): void {
    super.set(id, session, done);
    super.set(id, session, done);
  }

  override touch(id: string, session: SessionData, done?: Done): void {
    super.touch(id, session, done);
    super.touch(id, session, done);
  }

  override destroy(id: string, done?: Done): void {
    super.destroy(id, done);
    super.destroy(id, done);
  }
}

/** As connect-redis: asynchronous methods that return what they would call back with. */
class PromiseStore extends Base {
  override async get(id: string, done?: Done): Promise<void> {
    await Promise.resolve();
    if (done) done(null, this.read(id));
    else return this.read(id) as never;
  }

  override async set(id: string, session: SessionData, done?: Done): Promise<void> {
    await Promise.resolve();
    this.write(id, session);
    done?.();
  }

  override async touch(_id: string, _session: SessionData, done?: Done): Promise<void> {
    await Promise.resolve();
    done?.();
  }

  override async destroy(id: string, done?: Done): Promise<void> {
    await Promise.resolve();
    this.rows.delete(id);
    done?.();
  }
}

class NoTouchStore extends Store implements OddStore {
  private readonly inner = new BoundMethodsStore();
  readonly get = this.inner.get;
  readonly set = this.inner.set;
  readonly destroy = this.inner.destroy;

  rowsForTest() {
    return this.inner.rowsForTest();
  }
}

/** A function of before classes, whose methods are not in strict mode: they have `caller` and `arguments`. */
class SloppyStore extends Base {
  constructor() {
    super();
    // eslint-disable-next-line no-new-func -- the only way to get such a function in a module
    const sloppy = new Function('method', 'return function () { return method.apply(this, arguments); }') as (
      method: unknown,
    ) => (...args: unknown[]) => void;
    for (const name of ['get', 'set', 'touch', 'destroy', 'regenerate'] as const) {
      Object.assign(this, { [name]: sloppy(this[name]) });
    }
  }
}

export const ODD_STORES: [string, () => OddStore][] = [
  ['private fields', () => new PrivateFieldsStore()],
  ['symbols and static members', () => new SymbolsAndStaticsStore()],
  ['methods that have methods', () => new CallablePropertiesStore()],
  ['arrow functions for methods', () => new BoundMethodsStore()],
  ['methods that need their own this', () => new FussyStore()],
  ['a regenerate() of its own', () => new RegeneratingStore()],
  ['callbacks at once', () => new AtOnceStore()],
  ['late callbacks', () => new LateStore()],
  ['two callbacks each', () => new TwiceStore()],
  ['promises', () => new PromiseStore()],
  ['no touch()', () => new NoTouchStore()],
  ['functions that are not in strict mode', () => new SloppyStore()],
];
