// A participant who uses the product's own client in the page, as an app would; window.participant is what the test looks at.
window.participant = { joined: [], left: [], errors: [], channels: [], heard: [], frames: () => video().getVideoPlaybackQuality?.().totalVideoFrames ?? 0 };

const video = () => document.querySelector('video') ?? {};

window.join = async ({ gateway, appId, authKey, meetingId, name }) => {
  const sockets = gateway.replace('http', 'ws');
  ConnectyCube.init({ appId, authKey }, {
    endpoints: { api_url: gateway },
    conference: { server: `${sockets}/janus` },
    debug: { mode: 0 },
  });
  const { user_id: userId } = await ConnectyCube.createSession({ guest: '1', full_name: name });
  const meeting = await ConnectyCube.meeting.get({ _id: meetingId });
  const conference = ConnectyCube.videochatconference;
  conference.onParticipantJoinedListener = (_, id, display) => participant.joined.push({ id, display });
  conference.onParticipantLeftListener = (_, id) => participant.left.push(id);
  conference.onErrorListener = (_, error) => participant.errors.push(JSON.stringify(error));
  conference.onDataChannelOpenedListener = (_, label) => participant.channels.push(label);
  conference.onDataChannelMessageListener = async (_, label, data) => participant.heard.push({ label, text: await described(data) });
  conference.onRemoteStreamListener = (_, id, stream) => {
    const element = video() instanceof HTMLVideoElement ? video() : document.body.appendChild(document.createElement('video'));
    element.muted = true;
    element.autoplay = true;
    element.srcObject = stream;
  };
  const session = conference.createNewSession();
  await session.getUserMedia({ audio: true, video: true });
  await session.join(meeting._id, userId, name);
  participant.session = session;
  return userId;
};

// Bytes whose place can be told from their value.
const byteAt = index => (index * 31 + (index >> 8)) & 255;

const described = async data => {
  if (typeof data === 'string') return data;
  const bytes = new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data);
  return `${bytes.length} bytes, ${bytes.every((value, index) => value === byteAt(index)) ? 'each as sent' : 'some changed'}`;
};

window.sendText = (text, label) => participant.session.sendData(text, label);

window.sendFile = length => participant.session.sendData(Uint8Array.from({ length }, (_, index) => byteAt(index)).buffer, 'file');

window.online = async () => participant.session.listOfOnlineParticipants();

window.leave = async () => participant.session.leave();
