import type { JanusHandle } from './connection';
import { encodingsFor, initialEncodings, type VideoContent } from './encodings';
import { codes, JanusError } from './protocol';

export interface OutgoingTracks {
  audio: MediaStreamTrack | null;
  video: MediaStreamTrack | null;
  content: VideoContent;
}

/**
 * The own media: one PeerConnection that always has one audio and one video sender, with or without a track, so that a camera, a
 * microphone or a screen can come later by replaceTrack, without a second offer. Video goes out in several sizes, of which those
 * that nobody watches rest.
 */
export class Publication {
  readonly peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });

  private readonly audio: RTCRtpSender;
  private readonly video: RTCRtpSender;
  private content: VideoContent = 'camera';
  private watched: ReadonlySet<string> | undefined;
  /** A sender's parameters are read, changed and set by one at a time. */
  private adjusting: Promise<void> = Promise.resolve();

  constructor(private readonly handle: JanusHandle) {
    const stream = new MediaStream();
    this.audio = this.peer.addTransceiver('audio', { direction: 'sendonly', streams: [stream] }).sender;
    this.video = this.peer.addTransceiver('video', {
      direction: 'sendonly', streams: [stream], sendEncodings: initialEncodings(),
    }).sender;
    this.peer.onicecandidate = ({ candidate }) => handle.trickle(candidate);
    handle.events.on(({ candidate }) => {
      if (candidate && this.peer.remoteDescription) void this.peer.addIceCandidate(candidate);
    });
  }

  async start(tracks: OutgoingTracks): Promise<void> {
    await this.send(tracks);
    const offer = await this.peer.createOffer();
    await this.peer.setLocalDescription(offer);
    // The first configure is the publish request; which media there are is in the offer.
    const { jsep } = await this.handle.message({ request: 'configure', audio: true, video: true }, { type: 'offer', sdp: offer.sdp ?? '' });
    if (!jsep) throw new JanusError(codes.nodeLost, 'the server did not answer the offer');
    await this.peer.setRemoteDescription(jsep);
  }

  async send({ audio, video, content }: OutgoingTracks): Promise<void> {
    this.content = content;
    await Promise.all([this.audio.replaceTrack(audio), this.video.replaceTrack(video), this.adjust()]);
  }

  /** @param rids of the encodings that somebody gets */
  watch(rids: readonly string[]): void {
    this.watched = new Set(rids);
    void this.adjust();
  }

  private adjust(): Promise<void> {
    this.adjusting = this.adjusting.then(async () => {
      const parameters = this.video.getParameters();
      parameters.encodings = encodingsFor(parameters.encodings, this.content, this.watched);
      // Closed meanwhile, or a browser that takes no such change: what it sends already goes on.
      await this.video.setParameters(parameters).catch(() => {});
    });
    return this.adjusting;
  }

  close(): void {
    this.peer.close();
  }
}
