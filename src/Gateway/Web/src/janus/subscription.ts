import { backoffMilliseconds, wait } from '../platform/backoff';
import { Signal } from '../platform/signal';
import type { JanusConnection, JanusHandle } from './connection';
import type { Feed } from './protocol';

/** A subscription that keeps failing while its publisher stays is given up: the publisher's next announcement starts a new one. */
const maximumAttempts = 8;

/** Media of one remote publisher over a PeerConnection of its own; started again when that fails. */
export class Subscription {
  readonly track = new Signal<MediaStreamTrack>();
  readonly state = new Signal<RTCPeerConnectionState>();
  peer: RTCPeerConnection | undefined;

  private handle: JanusHandle | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly connection: JanusConnection, private readonly roomId: string, readonly feed: Feed, private readonly display: string) {
    void this.run();
  }

  close(): void {
    this.closing.abort();
    this.drop();
  }

  private async run(): Promise<void> {
    for (let attempt = 0; attempt < maximumAttempts && !this.closing.signal.aborted; attempt++) {
      if (await this.connectOnce()) attempt = 0;
      this.drop();
      await wait(backoffMilliseconds(attempt), this.closing.signal);
    }
  }

  /** @returns, once the media is over, whether there had been any */
  private async connectOnce(): Promise<boolean> {
    const over = new AbortController();
    this.closing.signal.addEventListener('abort', () => over.abort(), { once: true });
    let worked = false;
    try {
      const handle = await this.connection.attach();
      this.handle = handle;
      if (this.closing.signal.aborted) return worked;
      const peer = this.openPeer(handle, () => over.abort(), () => (worked = true));
      handle.events.on((message) => {
        if (message.janus === 'hangup' || message.janus === 'detached') over.abort();
        if (message.candidate && peer.remoteDescription) void peer.addIceCandidate(message.candidate);
        // The publisher sends something else than was offered, another codec say.
        if (message.jsep?.type === 'offer') this.answer(handle, peer, message.jsep).catch(() => over.abort());
      });
      await this.negotiate(handle, peer);
      await aborted(over.signal);
    } catch {
      // No such feed (yet), or the connection is gone: the room knows better, and closes the subscription in that case.
    }
    return worked;
  }

  private openPeer(handle: JanusHandle, failed: () => void, connected: () => void): RTCPeerConnection {
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.peer = peer;
    peer.onicecandidate = ({ candidate }) => handle.trickle(candidate);
    peer.ontrack = ({ track }) => this.track.emit(track);
    peer.onconnectionstatechange = () => {
      this.state.emit(peer.connectionState);
      if (peer.connectionState === 'connected') connected();
      if (peer.connectionState === 'failed') failed();
    };
    return peer;
  }

  private async negotiate(handle: JanusHandle, peer: RTCPeerConnection): Promise<void> {
    const { jsep } = await handle.message({
      request: 'join', room: this.roomId, ptype: 'subscriber', feed: this.feed.id, display: this.display,
    });
    if (!jsep) throw new Error('the server made no offer');
    await this.answer(handle, peer, jsep);
  }

  private async answer(handle: JanusHandle, peer: RTCPeerConnection, offer: RTCSessionDescriptionInit): Promise<void> {
    await peer.setRemoteDescription(offer);
    const answer = await peer.createAnswer();
    await peer.setLocalDescription(answer);
    await handle.message({ request: 'start', room: this.roomId }, { type: 'answer', sdp: answer.sdp ?? '' });
  }

  private drop(): void {
    this.handle?.detach();
    this.peer?.close();
    this.handle = this.peer = undefined;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
