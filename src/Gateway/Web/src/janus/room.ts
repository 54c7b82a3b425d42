import { Signal } from '../platform/signal';
import { JanusConnection, type JanusHandle } from './connection';
import { codes, type Feed, readRoomEvents, type ServerMessage } from './protocol';
import { type OutgoingTracks, Publication } from './publication';
import { Subscription } from './subscription';

export interface RoomOptions {
  address: string;
  token: () => string;
  roomId: string;
  userId: number;
  display: string;
  tracks: () => OutgoingTracks;
}

/** Short losses mend themselves; past this a new start is faster than waiting for the browser to give up (about 15 s). */
const disconnectedMilliseconds = 4_000;

/** Once in a room: the own publication, one subscription per other publisher. It ends for good with `lost` or `removed`. */
export class Room {
  readonly joined = new Signal<Subscription>();
  readonly left = new Signal<number>();
  readonly lost = new Signal<string>();
  readonly removed = new Signal<void>();
  readonly subscriptions = new Map<number, Subscription>();
  readonly publication: Publication;

  private disconnected: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  private constructor(private readonly connection: JanusConnection, private readonly handle: JanusHandle, private readonly options: RoomOptions) {
    this.publication = new Publication(handle);
    this.publication.peer.onconnectionstatechange = () => this.watch(this.publication.peer.connectionState);
    connection.lost.on((reason) => this.end(reason));
    handle.events.on((message) => this.handleMessage(message));
  }

  /**
   * @param listen is given the room before anybody is announced
   * @throws JanusError when the room cannot be entered, or the server is away
   */
  static async join(options: RoomOptions, listen: (room: Room) => void): Promise<Room> {
    const connection = await JanusConnection.open(options.address, options.token);
    try {
      const room = new Room(connection, await connection.attach(), options);
      const answer = await room.handle.message({
        request: 'join', room: options.roomId, ptype: 'publisher', id: options.userId, display: options.display,
      });
      listen(room);
      await room.publication.start(options.tracks());
      room.handleMessage(answer);
      return room;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  leave(): void {
    if (this.over) return;
    void this.handle.message({ request: 'leave', room: this.options.roomId }).catch(() => {});
    this.finish();
  }

  private handleMessage(message: ServerMessage): void {
    if (this.over) return;
    if (message.janus === 'hangup' || message.janus === 'detached') return this.end(message.reason ?? 'the server ended the media');
    for (const event of readRoomEvents(message.plugin ?? {}, this.options.userId)) {
      if (event.kind === 'publishers') for (const feed of event.feeds) this.subscribe(feed);
      else if (event.kind === 'left') this.forget(event.id);
      else if (event.kind === 'removed') this.remove();
      else if (event.kind === 'watched') this.publication.watch(event.rids);
      else if (event.code === codes.nodeLost) this.end(event.reason);
    }
  }

  /** An announcement of a known publisher means that it published anew: the old subscription can bring nothing more. */
  private subscribe(feed: Feed): void {
    this.subscriptions.get(feed.id)?.close();
    const subscription = new Subscription(this.connection, this.options.roomId, feed, this.options.display);
    this.subscriptions.set(feed.id, subscription);
    this.joined.emit(subscription);
  }

  private forget(id: number): void {
    this.subscriptions.get(id)?.close();
    if (this.subscriptions.delete(id)) this.left.emit(id);
  }

  private watch(state: RTCPeerConnectionState): void {
    clearTimeout(this.disconnected);
    if (state === 'failed') this.end('the media connection failed');
    if (state === 'disconnected')
      this.disconnected = setTimeout(() => this.end('the media connection was lost'), disconnectedMilliseconds);
  }

  private remove(): void {
    this.finish();
    this.removed.emit();
  }

  private end(reason: string): void {
    if (this.over) return;
    this.finish();
    this.lost.emit(reason);
  }

  private finish(): void {
    this.over = true;
    clearTimeout(this.disconnected);
    for (const subscription of this.subscriptions.values()) subscription.close();
    this.subscriptions.clear();
    this.publication.close();
    this.connection.close();
  }
}
