import { LevelMeter } from '../call/audioLevel';
import { type DeviceKind, LocalMedia } from '../call/localMedia';
import { initials } from '../call/participant';
import type { Meeting } from '../platform/api';
import { control, showOn } from './controls';
import { element, setText, setTrack } from './dom';
import { nameInput } from './home';
import { brand, type PageContext, type View } from './page';

const meterMilliseconds = 80;

/** Before a meeting: see and hear oneself, choose devices, say one's name. Hands the open devices over to the call. */
export function prejoinView(context: PageContext, meeting: Meeting, join: (media: LocalMedia) => void): View {
  const media = new LocalMedia();
  const meter = new LevelMeter();
  const video = element('video', { testId: 'prejoin-video', label: 'Your camera', attributes: { playsinline: '', muted: '', autoplay: '' } });
  video.muted = true;
  const avatar = element('span', { class: 'avatar' });
  const level = element('span', { class: 'meter', label: 'Microphone level', attributes: { role: 'meter', 'aria-valuemin': '0', 'aria-valuemax': '100' } }, element('i'));
  const problem = element('p', { testId: 'prejoin-error', class: 'problem', attributes: { role: 'alert' } });
  const name = nameInput();
  const microphone = control({ testId: 'toggle-microphone', icon: 'microphone', label: 'Microphone', press: () => void media.toggleMicrophone() });
  const camera = control({ testId: 'toggle-camera', icon: 'camera', label: 'Camera', press: () => void media.toggleCamera() });
  const selectors = { microphone: deviceSelector(media, 'microphone'), camera: deviceSelector(media, 'camera') };
  let handedOver = false;

  const update = () => {
    setTrack(video, media.preview);
    video.hidden = !media.preview;
    meter.watch(media.tracks.audio);
    showOn(microphone, media.state.microphone, { on: 'microphone', off: 'microphoneOff' });
    showOn(camera, media.state.camera, { on: 'camera', off: 'cameraOff' });
    const problems = [...new Set(Object.values(media.problems))];
    setText(problem, problems.join(' '));
    problem.hidden = problems.length === 0;
    for (const kind of ['microphone', 'camera'] as const) void selectors[kind].refresh();
  };
  const showInitials = () => setText(avatar, initials(name.value || context.identity.name));
  name.addEventListener('input', showInitials);
  const measuring = setInterval(() => {
    const value = media.state.microphone ? Math.min(1, Math.sqrt(meter.read()) * 1.4) : 0;
    level.style.setProperty('--level', value.toFixed(2));
    level.setAttribute('aria-valuenow', String(Math.round(value * 100)));
  }, meterMilliseconds);
  const stop = [media.changed.on(update), () => clearInterval(measuring), () => meter.watch(undefined)];

  const enter = () => {
    if (handedOver) return;
    handedOver = true;
    context.identity.rename(name.value.trim());
    join(media);
  };
  showInitials();
  update();
  void media.open();

  const root = element(
    'main', { class: 'prejoin' },
    element('header', {}, brand()),
    element(
      'section', { class: 'prejoin-stage' },
      element('div', { class: 'preview' }, avatar, video, element('div', { class: 'preview-controls' }, microphone, camera)),
      level,
      element('div', { class: 'row selectors' }, selectors.microphone.root, selectors.camera.root),
    ),
    element(
      'form', { class: 'card stack', on: { submit: (event) => { event.preventDefault(); enter(); } } },
      element('h1', { text: meeting.name }),
      element('label', { text: 'Your name', attributes: { for: 'name' } }),
      name,
      problem,
      element('button', { testId: 'prejoin-join', class: 'button primary wide', text: 'Join', attributes: { type: 'submit' } }),
    ),
  );
  return {
    root,
    close: () => {
      for (const end of stop) end();
      if (!handedOver) media.close();
    },
  };
}

function deviceSelector(media: LocalMedia, kind: DeviceKind): { root: HTMLElement; refresh: () => Promise<void> } {
  const select = element('select', {
    testId: `select-${kind}`, label: kind === 'camera' ? 'Camera' : 'Microphone', on: { change: () => void media.choose(kind, select.value) },
  });
  const refresh = async () => {
    const devices = await media.devices(kind);
    select.replaceChildren(...devices.map(({ deviceId, label }) => element('option', { text: label || kind, attributes: { value: deviceId } })));
    select.hidden = devices.length === 0;
    select.value = media.chosen(kind) ?? devices[0]?.deviceId ?? '';
  };
  return { root: select, refresh };
}
