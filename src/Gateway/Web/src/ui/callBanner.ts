import { readCallMessage, rejectedMessage } from '../call/callMessages';
import type { SystemMessages } from '../platform/systemMessages';
import { element } from './dom';
import { icon } from './icons';
import { notify } from './notices';

const quietKey = 'do-not-disturb';

/** After a minute nobody waits at the other end any more. */
const ringingMilliseconds = 60_000;

export const doNotDisturb = (): boolean => sessionStorage.getItem(quietKey) === 'true';
export const setDoNotDisturb = (on: boolean): void => sessionStorage.setItem(quietKey, String(on));

interface Ringing {
  from: number;
  roomId: string;
}

export interface BannerOptions {
  messages: SystemMessages;
  /** The room that this tab is in, if any. */
  currentRoom: () => string | undefined;
  accept: (roomId: string) => void;
}

/** Shows one incoming call at a time, on every page; a second one hears that the line is busy. */
export class CallBanner {
  private ringing: Ringing | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: BannerOptions) {
    options.messages.received.on(({ from, extension }) => {
      const message = readCallMessage(extension);
      if (message?.kind === 'start') this.ring({ from, roomId: message.roomId }, message.callerName);
      if (message?.kind === 'end' && this.ringing?.from === from && this.ringing.roomId === message.roomId) this.hide();
    });
  }

  private ring(call: Ringing, callerName: string): void {
    if (this.options.currentRoom() === call.roomId) return;
    const isRepeat = this.ringing?.from === call.from && this.ringing.roomId === call.roomId;
    if (isRepeat) return;
    if (doNotDisturb() || this.ringing) return this.reject(call, true);
    this.ringing = call;
    this.show(callerName || `User ${call.from}`);
    this.timer = setTimeout(() => {
      this.hide();
      notify(`You missed a call from ${callerName || call.from}.`);
    }, ringingMilliseconds);
  }

  private show(callerName: string): void {
    const accept = element('button', { testId: 'call-accept', class: 'button accept', on: { click: () => this.accept() } }, icon('phone'), 'Accept');
    const reject = element('button', { testId: 'call-reject', class: 'button danger', text: 'Reject', on: { click: () => this.rejectRinging() } });
    const busy = this.options.currentRoom() !== undefined;
    document.getElementById('banner')!.replaceChildren(
      element(
        'section', { testId: 'call-banner', class: 'call-banner', label: 'Incoming call', attributes: { role: 'alertdialog' } },
        element('span', { class: 'pulse' }, icon('phone')),
        element(
          'div', { class: 'call-banner-text' },
          element('strong', { text: callerName }),
          element('span', { text: busy ? 'is calling. Accepting leaves this call.' : 'is calling you' }),
        ),
        reject, accept,
      ),
    );
  }

  private accept(): void {
    const roomId = this.ringing?.roomId;
    this.hide();
    if (roomId) this.options.accept(roomId);
  }

  private rejectRinging(): void {
    if (this.ringing) this.reject(this.ringing, this.options.currentRoom() !== undefined);
    this.hide();
  }

  private reject({ from, roomId }: Ringing, busy: boolean): void {
    this.options.messages.send([from], rejectedMessage(roomId, busy)).catch((error: Error) => notify(error.message));
  }

  private hide(): void {
    clearTimeout(this.timer);
    this.ringing = undefined;
    document.getElementById('banner')!.replaceChildren();
  }
}
