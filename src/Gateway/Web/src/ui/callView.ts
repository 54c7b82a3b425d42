import type { Call } from '../call/call';
import type { Participant } from '../call/participant';
import { control, listenToKeys, showOn } from './controls';
import { Diagnostics } from './diagnostics';
import { element, setAttribute, setText } from './dom';
import { bestGrid } from './grid';
import { copy, notify } from './notices';
import type { View } from './page';
import { People } from './people';
import { Tile } from './tile';

const gapPixels = 10;

/** The call itself: tiles, controls, panels. */
export class CallView implements View {
  readonly root: HTMLElement;

  private readonly tiles = new Map<number, Tile>();
  private readonly stage = element('section', { class: 'stage', label: 'Participants' });
  private readonly reconnecting = element('p', { testId: 'reconnecting', class: 'reconnecting', attributes: { role: 'status' } });
  private readonly unmute = element('button', { class: 'button primary unmute', text: 'Click to hear the others', on: { click: () => this.play() } });
  private readonly alone = element('p', { class: 'alone' });
  private readonly clock = element('time', { class: 'clock', text: '0:00' });
  private readonly startedAt = Date.now();
  private readonly people: People;
  private readonly diagnostics: Diagnostics;
  private readonly endings: (() => void)[];

  private readonly microphone = control({ testId: 'toggle-microphone', icon: 'microphone', label: 'Microphone', key: 'm', press: () => this.toggleMicrophone() });
  private readonly camera = control({ testId: 'toggle-camera', icon: 'camera', label: 'Camera', key: 'v', press: () => this.toggleCamera() });
  private readonly screen = control({ testId: 'toggle-screen', icon: 'screen', label: 'Share screen', key: 's', press: () => this.toggleScreen() });
  private readonly list = control({ testId: 'toggle-people', icon: 'people', label: 'People', key: 'p', press: () => this.togglePeople() });

  /** @param left called when the user leaves */
  constructor(private readonly call: Call, private readonly left: () => void) {
    this.people = new People(call, () => this.togglePeople());
    this.diagnostics = new Diagnostics(call);
    this.unmute.hidden = true;
    this.root = element(
      'main', { class: 'call' },
      element('header', { class: 'call-header' }, element('h1', { text: call.meeting.name }), this.clock),
      this.reconnecting,
      element('div', { class: 'call-body' }, this.stage, this.people.root),
      this.alone, this.unmute, this.diagnostics.root, this.controls(),
    );
    const resizing = new ResizeObserver(() => this.layOut());
    resizing.observe(this.stage);
    this.endings = [
      () => resizing.disconnect(),
      call.changed.on(() => this.update()),
      call.measured.on(() => this.measure()),
      call.notice.on(notify),
      listenToKeys({
        m: () => this.toggleMicrophone(), v: () => this.toggleCamera(), s: () => this.toggleScreen(), l: () => void this.copyLink(),
        p: () => this.togglePeople(), d: () => this.diagnostics.toggle(),
      }),
    ];
    this.update();
  }

  close(): void {
    for (const end of this.endings) end();
    for (const tile of this.tiles.values()) tile.remove();
    this.call.leave();
    this.call.media.close();
  }

  private controls(): HTMLElement {
    const leave = control({ testId: 'leave', icon: 'hangUp', label: 'Leave', class: 'danger', press: this.left });
    const end = control({ testId: 'end-call', icon: 'stop', label: 'End the call for all', class: 'danger outline', press: () => void this.endForAll() });
    const link = control({ testId: 'copy-link', icon: 'link', label: 'Copy link', key: 'l', class: 'optional', press: () => void this.copyLink() });
    const chart = control({ testId: 'toggle-diagnostics', icon: 'chart', label: 'Diagnostics', key: 'd', class: 'optional', press: () => this.diagnostics.toggle() });
    return element(
      'nav', { class: 'controls', label: 'Call controls' },
      this.microphone, this.camera, this.screen, link, this.list, chart, leave, this.call.isHost && end,
    );
  }

  private update(): void {
    const { call } = this;
    setText(this.reconnecting, call.trouble ?? '');
    this.reconnecting.hidden = !call.trouble;
    showOn(this.microphone, call.self.state.microphone, { on: 'microphone', off: 'microphoneOff' });
    showOn(this.camera, call.self.state.camera, { on: 'camera', off: 'cameraOff' });
    showOn(this.screen, call.self.state.screen, { on: 'screen', off: 'screen' });
    setText(this.alone, call.others.size === 0 && !call.trouble ? 'Nobody else is here yet. Send them the link, or call them in.' : '');
    this.alone.hidden = this.alone.textContent === '';
    this.placeTiles();
    this.people.update();
    void this.play();
  }

  private placeTiles(): void {
    const shown = this.inOrder();
    const ids = new Set(shown.map(({ userId }) => userId));
    for (const [id, tile] of this.tiles) {
      if (ids.has(id)) continue;
      tile.remove();
      this.tiles.delete(id);
    }
    shown.forEach((participant, index) => {
      const tile = this.tiles.get(participant.userId) ?? new Tile(participant);
      this.tiles.set(participant.userId, tile);
      tile.update();
      // Moving a video element stops it for a moment, so only what stands wrong is moved.
      if (this.stage.children[index] !== tile.root) this.stage.insertBefore(tile.root, this.stage.children[index] ?? null);
    });
    setAttribute(this.stage, 'data-presenting', String(shown.some(isPresenting)));
    this.layOut();
  }

  /** A shared screen comes first: it is shown large. */
  private inOrder(): Participant[] {
    return this.call.participants.sort((a, b) => Number(isPresenting(b)) - Number(isPresenting(a)));
  }

  private layOut(): void {
    const { clientWidth, clientHeight } = this.stage;
    const { columns, tileWidth, tileHeight } = bestGrid(clientWidth, clientHeight, this.tiles.size, gapPixels);
    this.stage.style.setProperty('--columns', String(columns));
    this.stage.style.setProperty('--tile-width', `${tileWidth}px`);
    this.stage.style.setProperty('--tile-height', `${tileHeight}px`);
    this.centreLastRow(columns);
  }

  /** The grid has two columns per tile, so a last row that is not full can stand in the middle. */
  private centreLastRow(columns: number): void {
    const { children } = this.stage;
    const inLastRow = children.length % columns;
    const first = children.length - inLastRow;
    for (const [index, child] of [...children].entries()) {
      const isFirst = inLastRow > 0 && index === first && columns > 1;
      (child as HTMLElement).style.setProperty('--column', isFirst ? String(columns - inLastRow + 1) : 'auto');
    }
  }

  private measure(): void {
    for (const tile of this.tiles.values()) tile.measure();
    this.diagnostics.measure();
    const seconds = Math.floor((Date.now() - this.startedAt) / 1000);
    setText(this.clock, `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`);
  }

  private async play(): Promise<void> {
    const playing = await Promise.all([...this.tiles.values()].map((tile) => tile.play()));
    this.unmute.hidden = playing.every(Boolean);
  }

  private toggleMicrophone(): void {
    void this.call.media.toggleMicrophone().then(() => this.explain('microphone'));
  }

  private toggleCamera(): void {
    void this.call.media.toggleCamera().then(() => this.explain('camera'));
  }

  private toggleScreen(): void {
    void this.call.media.toggleScreen();
  }

  private explain(kind: 'microphone' | 'camera'): void {
    const problem = this.call.media.problems[kind];
    if (problem && !this.call.media.state[kind]) notify(problem);
  }

  private togglePeople(): void {
    this.people.root.hidden = !this.people.root.hidden;
    setAttribute(this.list, 'aria-pressed', String(!this.people.root.hidden));
    if (!this.people.root.hidden) this.people.root.querySelector('input')?.focus();
  }

  private copyLink(): Promise<void> {
    return copy(location.href, 'The link');
  }

  private async endForAll(): Promise<void> {
    try {
      await this.call.endForAll();
      this.left();
    } catch (error) {
      notify(error instanceof Error ? error.message : 'The call could not be ended.');
    }
  }
}

/** One's own screen is not shown large: it would show itself in itself. */
const isPresenting = ({ isSelf, state }: Participant) => !isSelf && state.screen;
