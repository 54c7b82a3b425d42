import { hue, initials, type Participant } from '../call/participant';
import { element, setAttribute, setText, setTrack } from './dom';
import { icon } from './icons';

/** One participant's picture: video, or initials; name; microphone level. */
export class Tile {
  readonly root: HTMLElement;

  private readonly video = element('video', { testId: 'tile-video', attributes: { playsinline: '', muted: '', autoplay: '' } });
  private readonly audio = element('audio', { attributes: { autoplay: '' } });
  private readonly avatar = element('span', { class: 'avatar' });
  private readonly name = element('span', { class: 'tile-name' });
  private readonly status = element('span', { class: 'tile-status' });
  private readonly level = element('span', { class: 'level', attributes: { 'aria-hidden': 'true' } }, element('i'), element('i'), element('i'));
  private readonly muted = element('span', { class: 'tile-muted', label: 'microphone off', attributes: { role: 'img' } }, icon('microphoneOff'));

  constructor(private readonly participant: Participant) {
    this.video.muted = true;
    this.root = element(
      'article',
      { testId: 'tile', class: 'tile' },
      this.avatar, this.video, this.audio, this.status,
      element('footer', { class: 'tile-footer' }, this.muted, this.level, this.name),
    );
    this.avatar.style.setProperty('--hue', String(hue(participant.userId)));
    // The avatar gives way only when there is a picture to show.
    this.video.addEventListener('playing', () => setAttribute(this.root, 'data-picture', 'true'));
    this.video.addEventListener('emptied', () => setAttribute(this.root, 'data-picture', 'false'));
  }

  update(): void {
    const { root, participant } = this;
    const { state } = participant;
    setTrack(this.video, state.camera || state.screen ? participant.video : undefined);
    if (!participant.isSelf) setTrack(this.audio, participant.audio);
    setText(this.avatar, initials(participant.name));
    setText(this.name, participant.isSelf ? `${participant.name} (you)` : participant.name);
    setText(this.status, participant.connection === 'connecting' ? 'Connecting…' : '');
    setAttribute(root, 'aria-label', participant.name);
    setAttribute(root, 'data-user-id', String(participant.userId));
    setAttribute(root, 'data-self', String(participant.isSelf));
    setAttribute(root, 'data-muted', String(!state.microphone));
    setAttribute(root, 'data-camera', state.camera ? 'on' : 'off');
    setAttribute(root, 'data-screen', state.screen ? 'on' : 'off');
    setAttribute(root, 'data-connection', participant.connection);
  }

  measure(): void {
    setAttribute(this.root, 'data-talking', String(this.participant.talking));
    // Ears hear loudness by its logarithm; the square root is near enough for three bars.
    this.level.style.setProperty('--level', Math.min(1, Math.sqrt(this.participant.level) * 1.5).toFixed(2));
  }

  remove(): void {
    setTrack(this.video, undefined);
    setTrack(this.audio, undefined);
    this.root.remove();
  }

  /** Browsers play sound only on a page that was clicked on; @returns false when this one was not. */
  async play(): Promise<boolean> {
    if (!this.audio.srcObject || !this.audio.paused) return true;
    return this.audio.play().then(() => true, (error: unknown) => !(error instanceof DOMException && error.name === 'NotAllowedError'));
  }
}
