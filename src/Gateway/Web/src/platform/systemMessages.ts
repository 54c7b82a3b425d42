import { backoffMilliseconds, wait } from './backoff';
import type { Identity } from './identity';
import { asId, asString, isObject, type JsonObject, parseObject } from './json';
import { randomId } from './randomId';
import { Signal } from './signal';

export interface SystemMessage {
  from: number;
  extension: JsonObject;
}

const answerMilliseconds = 10_000;

/** The system-message channel: user to user, beside the calls. Connects again by itself until it is closed. */
export class SystemMessages {
  readonly received = new Signal<SystemMessage>();
  readonly connected = new Signal<void>();

  private socket: WebSocket | undefined;
  private authenticated = false;
  private readonly closing = new AbortController();
  private readonly waiting = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();

  constructor(private readonly identity: Identity) {
    void this.run();
  }

  close(): void {
    this.closing.abort();
    this.socket?.close();
  }

  /** Resolves when the server has taken the message over. */
  send(to: number[], extension: JsonObject): Promise<void> {
    if (to.length === 0) return Promise.resolve();
    const { socket } = this;
    if (!socket || !this.authenticated) return Promise.reject(new Error('Messages are not connected.'));
    const id = randomId();
    return new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => settle(id, new Error('The message was not confirmed.')), answerMilliseconds);
      const settle = (key: string, error?: Error) => {
        clearTimeout(timer);
        this.waiting.delete(key);
        if (error) reject(error);
        else resolve();
      };
      this.waiting.set(id, { resolve: () => settle(id), reject: (error) => settle(id, error) });
      socket.send(JSON.stringify({ type: 'send', id, to: to.length === 1 ? to[0] : to, extension }));
    });
  }

  private async run(): Promise<void> {
    for (let attempt = 0; !this.closing.signal.aborted; attempt++) {
      if (await this.connectOnce()) attempt = 0;
      else await this.identity.refresh().catch(() => {}); // No server: the next attempt tells.
      await wait(backoffMilliseconds(attempt), this.closing.signal);
    }
  }

  /** @returns whether the connection had worked before it ended */
  private connectOnce(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = new WebSocket(webSocketAddress('/system-messages'));
      this.socket = socket;
      socket.onopen = () => socket.send(JSON.stringify({ type: 'authenticate', token: this.identity.token }));
      socket.onmessage = (event) => this.handle(parseObject(event.data));
      socket.onclose = () => {
        const worked = this.authenticated;
        this.authenticated = false;
        for (const { reject } of [...this.waiting.values()]) reject(new Error('The connection was lost.'));
        resolve(worked);
      };
    });
  }

  private handle(message: JsonObject | undefined): void {
    const id = asString(message?.id);
    switch (message?.type) {
      case 'authenticated':
        this.authenticated = true;
        return this.connected.emit();
      case 'sent':
        return this.waiting.get(id ?? '')?.resolve();
      case 'error':
        if (!this.authenticated) this.socket?.close();
        return this.waiting.get(id ?? '')?.reject(new Error(asString(message.reason) ?? 'The message was refused.'));
      case 'message': {
        const from = asId(message.from);
        if (from && isObject(message.extension)) this.received.emit({ from, extension: message.extension });
      }
    }
  }
}

export function webSocketAddress(path: string): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;
}
