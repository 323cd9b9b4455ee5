import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** What happens to one connection. Counted are bytes from the server, from when the rule took hold. */
export interface TcpRule {
  /** Takes hold when the client has sent this, for instance `COPY public.orders`. @default - at once */
  readonly whenClientSent?: string;
  /** @default 0 */
  readonly afterBytes?: number;
  /** `cut` breaks both connections; `stall` passes nothing on in either direction until `resume`. */
  readonly action: 'cut' | 'stall';
}

export interface TcpProxy {
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** For the next connection that it fits, once. */
  inject(rule: TcpRule): void;
  /** True once every rule has done what it says. */
  readonly spent: boolean;
  /** Resolves when that is so: a test releases a stall then. */
  hit(): Promise<void>;
  /** Lets what stalls go on. */
  resume(): void;
  /** Breaks all connections that are open. */
  cut(): void;
  stop(): Promise<void>;
}

/** A proxy on loopback before a database. */
export async function startTcpProxy(target: { readonly port: number }): Promise<TcpProxy> {
  const proxy = new Proxy(target.port);
  await proxy.listen();
  return proxy;
}

/** A command may be split over several reads: so many bytes of what the client said are kept. */
const REMEMBERED = 4096;

class Proxy implements TcpProxy {
  connections = 0;
  readonly #waiting = new Set<TcpRule>();
  readonly #begun = new Set<TcpRule>();
  readonly #pairs = new Set<Pair>();
  readonly #server: Server;
  readonly #target: number;
  #tellHit: (() => void)[] = [];

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get spent(): boolean {
    return this.#waiting.size === 0 && this.#begun.size === 0;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  inject(rule: TcpRule): void {
    this.#waiting.add(rule);
  }

  hit(): Promise<void> {
    return this.spent ? Promise.resolve() : new Promise((resolve) => this.#tellHit.push(resolve));
  }

  resume(): void {
    for (const pair of this.#pairs) pair.resume();
  }

  cut(): void {
    for (const pair of this.#pairs) pair.cut();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  #accept(client: Socket): void {
    this.connections += 1;
    const pair: Pair = new Pair(client, connect(this.#target, '127.0.0.1'), {
      takeHold: (said) => this.#takeHold(said),
      done: (rule) => this.#done(rule),
      closed: () => this.#pairs.delete(pair),
    });
    this.#pairs.add(pair);
  }

  #takeHold(said: string): TcpRule | undefined {
    const rule = [...this.#waiting].find(({ whenClientSent: words }) => words === undefined || said.includes(words));
    if (!rule) return undefined;
    this.#waiting.delete(rule);
    this.#begun.add(rule);
    return rule;
  }

  #done(rule: TcpRule): void {
    this.#begun.delete(rule);
    if (this.spent) for (const tell of this.#tellHit.splice(0)) tell();
  }
}

interface Rules {
  takeHold(said: string): TcpRule | undefined;
  done(rule: TcpRule): void;
  closed(): void;
}

/** One client and its connection to the server. */
class Pair {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #rules: Rules;
  #said = '';
  #rule: TcpRule | undefined;
  #left = 0;
  #stalled = false;
  /** What came while it stalls. */
  #kept: { readonly to: Socket; readonly chunk: Buffer }[] = [];

  constructor(client: Socket, server: Socket, rules: Rules) {
    [this.#client, this.#server, this.#rules] = [client, server, rules];
    this.#look();
    client.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString('latin1')).slice(-Math.max(REMEMBERED, chunk.length));
      this.#look();
      this.#pass(server, chunk);
    });
    server.on('data', (chunk: Buffer) => this.#fromServer(chunk));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('drain', () => this.#stalled || other.resume());
      one.on('end', () => other.end());
      one.on('close', () => {
        other.destroySoon();
        rules.closed();
      });
    }
  }

  cut(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  resume(): void {
    if (!this.#stalled) return;
    this.#stalled = false;
    for (const { to, chunk } of this.#kept.splice(0)) to.write(chunk);
    this.#client.resume();
    this.#server.resume();
  }

  #look(): void {
    if (this.#rule) return;
    this.#rule = this.#rules.takeHold(this.#said);
    if (!this.#rule) return;
    this.#left = this.#rule.afterBytes ?? 0;
    if (this.#left === 0) this.#act(this.#rule);
  }

  #fromServer(chunk: Buffer): void {
    const rule = this.#rule;
    if (!rule || this.#left > chunk.length) {
      this.#left -= rule ? chunk.length : 0;
      return this.#pass(this.#client, chunk);
    }
    const before = chunk.subarray(0, this.#left);
    if (rule.action === 'stall') {
      this.#pass(this.#client, before);
      this.#act(rule);
      return this.#pass(this.#client, chunk.subarray(before.length));
    }
    // Only bytes that have left this process reach the client before the break.
    this.#server.pause();
    this.#client.write(before, () => this.#act(rule));
  }

  #act(rule: TcpRule): void {
    this.#rule = undefined;
    if (rule.action === 'cut') this.cut();
    else {
      this.#stalled = true;
      this.#client.pause();
      this.#server.pause();
    }
    this.#rules.done(rule);
  }

  #pass(to: Socket, chunk: Buffer): void {
    if (chunk.length === 0 || to.destroyed) return;
    if (this.#stalled) this.#kept.push({ to, chunk });
    else if (!to.write(chunk)) (to === this.#client ? this.#server : this.#client).pause();
  }
}
