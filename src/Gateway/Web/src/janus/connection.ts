import type { JsonObject } from '../platform/json';
import { randomId } from '../platform/randomId';
import { Signal } from '../platform/signal';
import { codes, JanusError, readServerMessage, type ServerMessage } from './protocol';

const plugin = 'janus.plugin.videoroom';
const subprotocol = 'janus-protocol';

/** The server ends a session that is silent for a minute. */
const keepAliveMilliseconds = 25_000;
const answerMilliseconds = 10_000;

interface Pending {
  resolve: (message: ServerMessage) => void;
  reject: (error: Error) => void;
}

/** One WebSocket with one Janus session on it. It does not come back by itself: `lost` says that it is over. */
export class JanusConnection {
  readonly lost = new Signal<string>();

  private readonly pending = new Map<string, Pending>();
  private readonly handles = new Map<number, JanusHandle>();
  private sessionId: number | undefined;
  private keepAlive: ReturnType<typeof setInterval> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  private constructor(private readonly socket: WebSocket, private readonly token: () => string) {
    socket.onmessage = (event) => this.handle(readServerMessage(event.data));
    socket.onclose = () => this.end('the connection to the server was lost');
  }

  static async open(address: string, token: () => string): Promise<JanusConnection> {
    const socket = new WebSocket(address, subprotocol);
    await opened(socket);
    const connection = new JanusConnection(socket, token);
    try {
      connection.sessionId = (await connection.request({ janus: 'create' })).id;
    } catch (error) {
      connection.close();
      throw error;
    }
    connection.keepAlive = setInterval(() => connection.probe(), keepAliveMilliseconds);
    return connection;
  }

  async attach(): Promise<JanusHandle> {
    const { id } = await this.request({ janus: 'attach', plugin });
    if (id === undefined) throw new JanusError(490, 'the server attached no handle');
    const handle = new JanusHandle(id, this);
    this.handles.set(id, handle);
    return handle;
  }

  detach(handle: JanusHandle): void {
    if (this.handles.delete(handle.id)) this.post({ janus: 'detach', handle_id: handle.id });
  }

  /** Resolves with the answer; an `ack` only says that the answer is on its way. */
  request(message: JsonObject): Promise<ServerMessage> {
    if (this.over) return Promise.reject(new JanusError(codes.nodeLost, 'the connection to the server was lost'));
    return new Promise((resolve, reject) => {
      const transaction = this.post(message);
      const timer = setTimeout(() => {
        this.pending.delete(transaction);
        reject(new JanusError(codes.nodeLost, 'the server did not answer'));
      }, answerMilliseconds);
      const settled = <T>(settle: (value: T) => void) => (value: T) => {
        clearTimeout(timer);
        this.pending.delete(transaction);
        settle(value);
      };
      this.pending.set(transaction, { resolve: settled(resolve), reject: settled(reject) });
    });
  }

  /** Sends without waiting for an answer. */
  post(message: JsonObject): string {
    const transaction = randomId().slice(0, 12);
    if (this.socket.readyState === WebSocket.OPEN)
      this.socket.send(
        JSON.stringify({ ...message, transaction, token: this.token(), ...(this.sessionId && { session_id: this.sessionId }) }),
      );
    return transaction;
  }

  /** Ends the session in good order; the server tells the others. */
  close(): void {
    this.post({ janus: 'destroy' });
    this.finish();
  }

  private handle(message: ServerMessage | undefined): void {
    clearTimeout(this.silence);
    if (!message || message.janus === 'ack') return;
    if (message.janus === 'timeout') return this.end('the server ended the session');
    if (message.error?.code === codes.noSuchSession) this.end('the server no longer knows the session');
    const asked = message.transaction && this.pending.get(message.transaction);
    if (asked) return message.error ? asked.reject(new JanusError(message.error.code, message.error.reason)) : asked.resolve(message);
    if (message.sender !== undefined) this.handles.get(message.sender)?.events.emit(message);
  }

  /** A dead network closes no WebSocket; the missing answer to a keepalive shows it. */
  private probe(): void {
    this.post({ janus: 'keepalive' });
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.end('the server is silent'), answerMilliseconds);
  }

  private end(reason: string): void {
    if (this.over) return;
    this.finish();
    this.lost.emit(reason);
  }

  private finish(): void {
    this.over = true;
    clearInterval(this.keepAlive);
    clearTimeout(this.silence);
    this.handles.clear();
    this.socket.onmessage = null;
    this.socket.close();
    for (const { reject } of [...this.pending.values()]) reject(new JanusError(codes.nodeLost, 'the connection to the server was lost'));
  }
}

/** One plugin handle: a publisher's, or one subscription's. */
export class JanusHandle {
  readonly events = new Signal<ServerMessage>();

  constructor(readonly id: number, private readonly connection: JanusConnection) {}

  /** @throws JanusError when the plugin answers with an error */
  async message(body: JsonObject, jsep?: RTCSessionDescriptionInit): Promise<ServerMessage> {
    const answer = await this.connection.request({ janus: 'message', handle_id: this.id, body, ...(jsep && { jsep }) });
    if (answer.plugin?.error_code !== undefined)
      throw new JanusError(Number(answer.plugin.error_code), String(answer.plugin.error ?? 'unknown error'));
    return answer;
  }

  trickle(candidate: RTCIceCandidate | null): void {
    this.connection.post({ janus: 'trickle', handle_id: this.id, candidate: candidate?.toJSON() ?? { completed: true } });
  }

  detach(): void {
    this.connection.detach(this);
  }
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => {
      clearTimeout(timer);
      socket.close();
      reject(new JanusError(codes.nodeLost, 'the server cannot be reached'));
    };
    const timer = setTimeout(fail, answerMilliseconds);
    socket.onerror = fail;
    socket.onopen = () => {
      clearTimeout(timer);
      socket.onerror = null;
      resolve();
    };
  });
}
