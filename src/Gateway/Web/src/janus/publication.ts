import type { JanusHandle } from './connection';
import { codes, JanusError } from './protocol';

export interface OutgoingTracks {
  audio: MediaStreamTrack | null;
  video: MediaStreamTrack | null;
}

/**
 * The own media: one PeerConnection that always has one audio and one video sender, with or without a track, so that a camera, a
 * microphone or a screen can come later by replaceTrack, without a second offer.
 */
export class Publication {
  readonly peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });

  private readonly audio: RTCRtpSender;
  private readonly video: RTCRtpSender;

  constructor(private readonly handle: JanusHandle) {
    const stream = new MediaStream();
    this.audio = this.peer.addTransceiver('audio', { direction: 'sendonly', streams: [stream] }).sender;
    this.video = this.peer.addTransceiver('video', { direction: 'sendonly', streams: [stream] }).sender;
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

  async send({ audio, video }: OutgoingTracks): Promise<void> {
    await Promise.all([this.audio.replaceTrack(audio), this.video.replaceTrack(video)]);
  }

  close(): void {
    this.peer.close();
  }
}
