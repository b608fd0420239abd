import type { Request, Response } from 'express';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { sleep } from '../../instances/support/binaries.js';
import { type RawAnswer, RawConnection } from '../../support/raw-http.js';

/** An answer has to come within this time, in milliseconds, on a busy machine. */
const PATIENCE = 20_000;

/** How long an application waits for the rest of a body before the test gives up, in milliseconds. */
const BODY_PATIENCE = 300;

/** Sends bytes that may be no request, or half of one, and reads what comes until the connection is closed. */
export async function exchanged(port: number, bytes: string | Buffer, inside: Inside): Promise<RawAnswer[]> {
  const sent = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const connection = new RawConnection(socket);
  const answers = all(connection, String(bytes));
  socket.write(sent);
  const began = performance.now();
  let isGivenUp = false;
  try {
    for (;;) {
      const read = await Promise.race([answers, sleep(20)]);
      // An answer that we have cut off ourselves shows nothing.
      if (read) return isGivenUp ? read.filter(({ isCut }) => !isCut) : read;
      const { hasRead, waits } = inside.standingOf(socket, sent.length);
      const passed = performance.now() - began;
      // Nothing more comes: a head that is not complete now will never be.
      if (hasRead && waits === 'for nothing') socket.end();
      if (waits === 'for a body' && passed > BODY_PATIENCE) {
        isGivenUp = true;
        socket.end();
      }
      if (passed > PATIENCE) throw new Error(`No answer within ${PATIENCE} ms`);
    }
  } finally {
    connection.close();
  }
}

/** What the application has got of each connection. */
export class Inside {
  private readonly sockets = new Map<number, Socket>();
  private readonly requests = new Map<number, { readonly hasBody: boolean }>();

  /** Looks at all connections of a server. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const { remotePort = 0 } = socket;
      this.sockets.set(remotePort, socket);
      socket.on('close', () => this.sockets.delete(remotePort));
    });
  }

  /** Notes which requests are under way. */
  readonly note = (req: Request, res: Response, next: () => void): void => {
    const { remotePort = 0 } = req.socket;
    const hasBody = ['content-length', 'transfer-encoding', 'expect'].some((name) => name in req.headers);
    this.requests.set(remotePort, { hasBody });
    res.on('close', () => this.requests.delete(remotePort));
    next();
  };

  standingOf({ localPort = 0 }: Socket, sent: number) {
    const request = this.requests.get(localPort);
    const waits = request?.hasBody ? 'for a body' : request ? 'for an answer' : 'for nothing';
    return { hasRead: (this.sockets.get(localPort)?.bytesRead ?? 0) >= sent, waits };
  }
}

async function all(connection: RawConnection, sent: string): Promise<RawAnswer[]> {
  const method = sent.startsWith('HEAD ') ? 'HEAD' : 'GET';
  const answers: RawAnswer[] = [];
  for (;;) {
    const answer = await connection.read(method);
    if (!answer) return answers;
    answers.push(answer);
  }
}
