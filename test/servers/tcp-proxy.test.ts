import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { startTcpProxy } from './tcp-proxy';
import type { TcpProxy } from './tcp-proxy';

/** Answers each line with 200,000 bytes of its first letter. */
let database: Server;
let proxy: TcpProxy;
const ANSWER = 200_000;

beforeEach(async () => {
  database = createServer((socket) => {
    socket.on('error', () => undefined);
    let said = '';
    socket.on('data', (chunk) => {
      const lines = (said + chunk.toString()).split('\n');
      said = lines.pop() ?? '';
      for (const line of lines) socket.write(Buffer.alloc(ANSWER, line[0]));
    });
  });
  database.listen(0, '127.0.0.1');
  await once(database, 'listening');
  proxy = await startTcpProxy({ port: (database.address() as AddressInfo).port });
});

afterEach(async () => {
  await proxy.stop();
  database.close();
});

class Client {
  received = Buffer.alloc(0);
  readonly socket: Socket;
  readonly ended: Promise<unknown>;

  constructor() {
    this.socket = connect(proxy.port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => (this.received = Buffer.concat([this.received, chunk])));
    this.ended = new Promise((resolve) => this.socket.once('close', resolve));
  }

  /** Resolves when so many bytes have come in all. */
  async has(bytes: number): Promise<void> {
    while (this.received.length < bytes) await once(this.socket, 'data');
  }
}

it('passes both directions on', async () => {
  const client = new Client();
  client.socket.write('a\nb\n');
  await client.has(2 * ANSWER);
  expect(client.received.equals(Buffer.concat([Buffer.alloc(ANSWER, 'a'), Buffer.alloc(ANSWER, 'b')]))).toBe(true);
  client.socket.end();
  await client.ended;
  expect(proxy.connections).toBe(1);
});

it('cuts a connection so many bytes after what its client sent, and no other', async () => {
  proxy.inject({ whenClientSent: 'copy orders', afterBytes: 100_000, action: 'cut' });
  const [other, client] = [new Client(), new Client()];
  other.socket.write('select\n');
  client.socket.write('select\n');
  await client.has(ANSWER);
  expect(proxy.spent).toBe(false);
  client.socket.write('copy or');
  client.socket.write('ders\n');
  await client.ended;
  expect(proxy.spent).toBe(true);
  expect(client.received.length).toBeLessThanOrEqual(ANSWER + 100_000);
  other.socket.write('x\n');
  await other.has(2 * ANSWER);
});

it('stalls a connection at a byte until it is resumed, and loses nothing', async () => {
  proxy.inject({ whenClientSent: 'copy', afterBytes: 1000, action: 'stall' });
  const [client, other] = [new Client(), new Client()];
  client.socket.write('copy\n');
  await proxy.hit();
  await client.has(1000);
  // Another connection's whole answer, in the meantime.
  other.socket.write('x\n');
  await other.has(ANSWER);
  expect(client.received).toHaveLength(1000);
  proxy.resume();
  await client.has(ANSWER);
  expect(client.received.equals(Buffer.alloc(ANSWER, 'c'))).toBe(true);
});

it('breaks all connections at once when told to', async () => {
  const clients = [new Client(), new Client()];
  for (const client of clients) client.socket.write('x\n');
  await Promise.all(clients.map((client) => client.has(ANSWER)));
  proxy.cut();
  await Promise.all(clients.map(({ ended }) => ended));
});

it('closes the connection of a client whose database is down', async () => {
  database.close();
  await once(database, 'close');
  const client = new Client();
  await client.ended;
  expect(client.received).toHaveLength(0);
});
