// One publisher with three simulcast encodings, the largest named first as Janus' own clients do, or with three layers in one stream, and subscribers on handles of their own: stock Janus requests over one WebSocket.
const page = { subscribers: [], events: [] };

class Session {
  static async open(url, token) {
    const session = new Session();
    session.waiting = new Map();
    session.socket = new WebSocket(url, 'janus-protocol');
    await new Promise((resolve, reject) => { session.socket.onopen = resolve; session.socket.onerror = reject; });
    session.socket.onmessage = (message) => session.hear(JSON.parse(message.data));
    session.token = token;
    session.id = (await session.send({ janus: 'create' })).data.id;
    return session;
  }

  hear(message) {
    const waiting = this.waiting.get(message.transaction);
    if (!waiting) {
      page.events.push(message);
    } else if (message.janus !== 'ack') {
      this.waiting.delete(message.transaction);
      const problem = message.error ?? message.plugindata?.data?.error;
      if (problem) waiting.reject(new Error(JSON.stringify(problem)));
      else waiting.resolve(message);
    }
  }

  send(message) {
    const transaction = crypto.randomUUID();
    return new Promise((resolve, reject) => {
      this.waiting.set(transaction, { resolve, reject });
      this.socket.send(JSON.stringify({ ...message, transaction, session_id: this.id, token: this.token }));
    });
  }

  async attach() {
    const handle = (await this.send({ janus: 'attach', plugin: 'janus.plugin.videoroom' })).data.id;
    return { handle, request: (body, jsep) => this.send({ janus: 'message', handle_id: handle, body, jsep }) };
  }
}

const simulcast = [
  { rid: 'f', maxBitrate: 900_000 },
  { rid: 'h', maxBitrate: 400_000, scaleResolutionDownBy: 2 },
  { rid: 'q', maxBitrate: 150_000, scaleResolutionDownBy: 4 },
];

/**
 * `codec`: the only one offered, if there is one. `layers`: the W3C's scalability mode of a single stream, in the place of simulcast. `width`: of the largest picture.
 */
async function publish({ url, token, userId, room, codec, layers, width }) {
  page.session = await Session.open(url, token);
  page.room = room;
  page.userId = userId;
  const handle = await page.session.attach();
  await handle.request({ request: 'join', room, ptype: 'publisher', id: userId, display: 'Simulcast' });
  const media = await navigator.mediaDevices.getUserMedia({ video: { width, height: (width * 9) / 16, frameRate: 15 } });
  page.publisher = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const transceiver = page.publisher.addTransceiver(media.getVideoTracks()[0], {
    direction: 'sendonly',
    sendEncodings: layers ? [{ scalabilityMode: layers, maxBitrate: 900_000 }] : simulcast,
  });
  if (codec) {
    const { codecs } = RTCRtpSender.getCapabilities('video');
    transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => [`video/${codec}`, 'video/rtx'].includes(mimeType)));
  }
  await page.publisher.setLocalDescription();
  const reply = await handle.request({ request: 'configure', audio: false, video: true }, page.publisher.localDescription.toJSON());
  await page.publisher.setRemoteDescription(reply.jsep);
  // A busy machine should lower the frame rate: with a smaller picture Chromium drops encodings.
  const [sender] = page.publisher.getSenders();
  const parameters = sender.getParameters();
  parameters.degradationPreference = 'maintain-resolution';
  await sender.setParameters(parameters);
}

async function subscribe() {
  const { handle, request } = await page.session.attach();
  const offer = await request({ request: 'join', room: page.room, ptype: 'subscriber', feed: page.userId });
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  peer.ontrack = ({ track }) => {
    const video = document.createElement('video');
    Object.assign(video, { srcObject: new MediaStream([track]), muted: true, autoplay: true });
    document.body.append(video);
  };
  await peer.setRemoteDescription(offer.jsep);
  await peer.setLocalDescription();
  await request({ request: 'start', room: page.room }, peer.localDescription.toJSON());
  page.subscribers.push({ handle, peer, request });
}

const want = (index, substream, temporal) => page.subscribers[index].request({ request: 'configure', substream, temporal });

/** Frames sent of each encoding. */
async function sent() {
  const stats = [...(await page.publisher.getStats()).values()].filter((entry) => entry.type === 'outbound-rtp');
  return stats.map((entry) => entry.framesSent ?? 0);
}

/** What the failure of a test should show. */
async function describe() {
  const entries = [...(await page.publisher.getStats()).values()];
  const streams = entries.filter((entry) => entry.type === 'outbound-rtp').map((entry) =>
    `${entry.rid} ${entry.scalabilityMode}: active ${entry.active}, ${entry.framesSent} frames of ${entry.frameWidth}x${entry.frameHeight}, limited by ${entry.qualityLimitationReason}, ${entry.bytesSent} bytes, target ${entry.targetBitrate} bit/s, ${entry.encoderImplementation}`);
  const pairs = entries.filter((entry) => entry.type === 'candidate-pair').map((entry) => `${entry.state} ${entry.availableOutgoingBitrate} bit/s`);
  const receptions = await Promise.all(page.subscribers.map(async (_, index) => `${JSON.stringify(await received(index))} told ${told(index)}`));
  return [...streams, ...pairs, ...receptions].join('\n');
}

async function received(index) {
  const stats = [...(await page.subscribers[index].peer.getStats()).values()].find((entry) => entry.type === 'inbound-rtp');
  const { frameWidth = 0, framesDecoded = 0, freezeCount = 0, totalFreezesDuration = 0, pliCount = 0 } = stats ?? {};
  return { frameWidth, framesDecoded, freezeCount, totalFreezesDuration, pliCount };
}

/** What a subscriber was told of its substream or spatial layer, in order. */
const told = (index) => page.events
  .filter((message) => message.sender === page.subscribers[index].handle)
  .map((message) => message.plugindata?.data?.substream ?? message.plugindata?.data?.spatial_layer)
  .filter((layer) => layer !== undefined);
