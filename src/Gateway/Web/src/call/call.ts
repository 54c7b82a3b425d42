import { codes, JanusError } from '../janus/protocol';
import { Room } from '../janus/room';
import type { Subscription } from '../janus/subscription';
import type { Meeting } from '../platform/api';
import { backoffMilliseconds, wait } from '../platform/backoff';
import type { Identity } from '../platform/identity';
import { Signal } from '../platform/signal';
import { type SystemMessage, type SystemMessages, webSocketAddress } from '../platform/systemMessages';
import { LevelMeter } from './audioLevel';
import { endMessage, readCallMessage, startMessage, stateMessage } from './callMessages';
import type { LocalMedia } from './localMedia';
import { hear, interrupt, newParticipant, type Participant } from './participant';
import { StatisticsReader } from './statistics';

/** Fast enough for a level indicator to look alive, slow enough for a phone. */
const measureMilliseconds = 300;

/** The server forgets a session two hours after its last call; the call itself makes none. */
const refreshMilliseconds = 10 * 60_000;

/** Errors that trying again does not mend. */
const final: readonly number[] = [codes.noSuchRoom, codes.full, codes.notAllowed];

/** One stay in one meeting: enters the room, and enters it again after every loss, until `leave` or a final reason. */
export class Call {
  /** Who is there, or what they do, has changed. */
  readonly changed = new Signal<void>();
  /** Levels and statistics are new. */
  readonly measured = new Signal<void>();
  readonly notice = new Signal<string>();
  /** It is over, and not by the user's own wish; says why. */
  readonly ended = new Signal<string>();

  readonly self: Participant;
  readonly others = new Map<number, Participant>();
  /** Why the call is away at the moment; undefined while all is well. */
  trouble: string | undefined = 'Joining…';

  private room: Room | undefined;
  private readonly invited = new Set<number>();
  private readonly readers = new Map<RTCPeerConnection, StatisticsReader>();
  private readonly meter = new LevelMeter();
  private readonly leaving = new AbortController();
  private readonly endings: (() => void)[] = [];

  constructor(
    readonly meeting: Meeting, private readonly identity: Identity, readonly media: LocalMedia, private readonly messages: SystemMessages,
  ) {
    this.self = newParticipant(identity.userId, identity.name, true);
    this.self.connection = 'connected';
    const measuring = setInterval(() => void this.measure(), measureMilliseconds);
    const refreshing = setInterval(() => void identity.refresh().catch(() => {}), refreshMilliseconds);
    this.endings.push(
      () => clearInterval(measuring),
      () => clearInterval(refreshing),
      messages.received.on((message) => this.handleMessage(message)),
      messages.connected.on(() => this.tellState([...this.others.keys()])),
      media.changed.on(() => this.mediaChanged()),
    );
    this.mediaChanged();
    void this.run();
  }

  get participants(): Participant[] {
    return [this.self, ...this.others.values()];
  }

  get isHost(): boolean {
    return this.meeting.hostId === this.identity.userId;
  }

  /** By user id; one's own is what is sent. For debugging in the browser's console: `window.call.peerConnections`. */
  get peerConnections(): Record<number, RTCPeerConnection> {
    const peers: Record<number, RTCPeerConnection> = {};
    if (this.room) peers[this.self.userId] = this.room.publication.peer;
    for (const [id, { peer }] of this.room?.subscriptions ?? []) if (peer) peers[id] = peer;
    return peers;
  }

  async invite(userId: number): Promise<void> {
    this.invited.add(userId);
    const ids = [...this.participants.map((participant) => participant.userId), userId];
    await this.messages.send([userId], startMessage(this.meeting.id, ids, this.identity.name));
  }

  leave(): void {
    if (this.leaving.signal.aborted) return;
    this.leaving.abort();
    for (const end of this.endings) end();
    this.meter.watch(undefined);
    this.room?.leave();
    this.room = undefined;
  }

  async endForAll(): Promise<void> {
    await this.messages.send([...new Set([...this.others.keys(), ...this.invited])], endMessage(this.meeting.id));
    this.leave();
  }

  private async run(): Promise<void> {
    for (let attempt = 0; !this.leaving.signal.aborted; attempt++) {
      try {
        const stay = await this.enter();
        attempt = 0;
        this.setTrouble(undefined);
        this.setTrouble(`${sentence(await stay.over)} Reconnecting…`);
      } catch (error) {
        if (this.leaving.signal.aborted) return;
        if (error instanceof JanusError && final.includes(error.code)) return this.endWith(sentence(error.message));
        if (error instanceof JanusError && error.code === codes.unauthorized) await this.identity.refresh().catch(() => {});
        this.setTrouble(`${sentence(error instanceof Error ? error.message : 'The server is away')} Reconnecting…`);
      }
      await wait(backoffMilliseconds(attempt), this.leaving.signal);
    }
  }

  /** @returns once in the room; `over` resolves later, with the reason why the stay has ended */
  private async enter(): Promise<{ over: Promise<string> }> {
    let over = Promise.resolve('');
    const options = {
      address: webSocketAddress('/janus'),
      token: () => this.identity.token,
      roomId: this.meeting.id,
      userId: this.identity.userId,
      display: this.identity.name,
      tracks: () => this.media.tracks,
    };
    const room = await Room.join(options, (joined) => {
      over = new Promise<string>((resolve) => joined.lost.on(resolve));
      joined.joined.on((subscription) => this.welcome(subscription));
      joined.left.on((id) => this.bidFarewell(id));
      joined.removed.on(() => this.endWith('You were removed from the call.'));
    });
    if (this.leaving.signal.aborted) {
      room.leave();
      return { over };
    }
    this.room = room;
    this.self.userId = this.identity.userId;
    // Whoever left while this side was away is not announced as leaving.
    for (const id of this.others.keys()) if (!room.subscriptions.has(id)) this.others.delete(id);
    await room.publication.send(this.media.tracks);
    return { over };
  }

  private welcome(subscription: Subscription): void {
    const { id, display } = subscription.feed;
    const participant = this.others.get(id) ?? newParticipant(id, display, false);
    participant.name = display || participant.name;
    interrupt(participant);
    this.others.set(id, participant);
    this.invited.delete(id);
    subscription.track.on((track) => {
      participant[track.kind === 'video' ? 'video' : 'audio'] = track;
      this.changed.emit();
    });
    subscription.state.on((state) => {
      participant.connection = state === 'connected' ? 'connected' : 'connecting';
      this.changed.emit();
    });
    this.tellState([id]);
    this.changed.emit();
  }

  private bidFarewell(id: number): void {
    const participant = this.others.get(id);
    this.others.delete(id);
    if (participant) this.notice.emit(`${participant.name} left.`);
    this.changed.emit();
  }

  private handleMessage({ from, extension }: SystemMessage): void {
    const message = readCallMessage(extension);
    if (message?.roomId !== this.meeting.id) return;
    const participant = this.others.get(from);
    if (message.kind === 'state' && participant) {
      participant.state = message.state;
      this.changed.emit();
    } else if (message.kind === 'rejected' && this.invited.delete(from)) {
      this.notice.emit(`User ${from} rejected the call${message.busy ? ' (busy)' : ''}.`);
    } else if (message.kind === 'end' && from === this.meeting.hostId) {
      this.endWith('The host ended the call for everybody.');
    }
  }

  private mediaChanged(): void {
    this.self.state = this.media.state;
    this.self.audio = this.media.tracks.audio ?? undefined;
    this.self.video = this.media.tracks.video ?? undefined;
    this.meter.watch(this.media.tracks.audio);
    void this.room?.publication.send(this.media.tracks);
    this.tellState([...this.others.keys()]);
    this.changed.emit();
  }

  /** Lost while the channel is away; told again when it is back. */
  private tellState(to: number[]): void {
    void this.messages.send(to, stateMessage(this.meeting.id, this.media.state)).catch(() => {});
  }

  private async measure(): Promise<void> {
    const now = performance.now();
    const peers = this.peerConnections;
    for (const known of this.readers.keys()) if (!Object.values(peers).includes(known)) this.readers.delete(known);
    await Promise.all(this.participants.map((participant) => this.measureOne(participant, peers[participant.userId], now)));
    if (!this.leaving.signal.aborted) this.measured.emit();
  }

  private async measureOne(participant: Participant, peer: RTCPeerConnection | undefined, now: number): Promise<void> {
    if (peer) {
      const reader = this.readers.get(peer) ?? new StatisticsReader();
      this.readers.set(peer, reader);
      participant.statistics = await reader.read(peer).catch(() => participant.statistics);
    }
    const level = participant.isSelf ? this.meter.read() : participant.statistics.audioLevel;
    hear(participant, level, now);
  }

  private setTrouble(trouble: string | undefined): void {
    if (this.leaving.signal.aborted) return;
    this.trouble = trouble;
    if (trouble) for (const participant of this.others.values()) interrupt(participant);
    this.changed.emit();
  }

  private endWith(reason: string): void {
    this.leave();
    this.ended.emit(reason);
  }
}

function sentence(text: string): string {
  return text ? `${text[0]!.toUpperCase()}${text.slice(1).replace(/\.$/, '')}.` : '';
}
