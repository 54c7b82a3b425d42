import type { Call } from '../call/call';
import { asId } from '../platform/json';
import { hue, initials } from '../call/participant';
import { element } from './dom';
import { icon } from './icons';
import { copy, notify } from './notices';

/** Side panel: who is there, and how to get more people in. */
export class People {
  readonly root: HTMLElement;

  private readonly list = element('ul', { testId: 'participants' });
  private readonly count = element('h2');
  private shown = '';

  constructor(private readonly call: Call, close: () => void) {
    const input = element('input', {
      testId: 'invite-input', label: 'User id to call', attributes: { placeholder: 'User id', inputmode: 'numeric', autocomplete: 'off' },
    });
    const submit = (event: Event) => {
      event.preventDefault();
      void this.invite(input);
    };
    this.root = element(
      'aside', { class: 'people', label: 'Participants', attributes: { hidden: '' } },
      element('header', { class: 'row' }, this.count, element('button', { class: 'control small', label: 'Close', on: { click: close } }, icon('close'))),
      this.list,
      element(
        'footer', { class: 'stack' },
        element('h3', { text: 'Call somebody in' }),
        element('form', { class: 'row', on: { submit } }, input, element('button', { testId: 'invite-send', class: 'button primary', text: 'Call', attributes: { type: 'submit' } })),
        element('button', { class: 'button', on: { click: () => void copy(location.href, 'The link') } }, icon('link'), 'Copy link'),
        element('p', { class: 'hint', text: `Your id is ${call.self.userId}.` }),
      ),
    );
  }

  update(): void {
    const people = this.call.participants;
    const now = JSON.stringify(people.map(({ userId, name, state }) => [userId, name, state]));
    if (now === this.shown) return;
    this.shown = now;
    this.count.textContent = people.length === 1 ? 'Only you' : `${people.length} people`;
    this.list.replaceChildren(
      ...people.map(({ userId, name, isSelf, state }) => {
        const avatar = element('span', { class: 'avatar small', text: initials(name) });
        avatar.style.setProperty('--hue', String(hue(userId)));
        return element(
          'li', { attributes: { 'data-user-id': String(userId) } },
          avatar,
          element('span', { class: 'person-name', text: isSelf ? `${name} (you)` : name }),
          ...(userId === this.call.meeting.hostId ? [element('span', { class: 'tag', text: 'host' })] : []),
          icon(state.microphone ? 'microphone' : 'microphoneOff'),
          icon(state.screen ? 'screen' : state.camera ? 'camera' : 'cameraOff'),
        );
      }),
    );
  }

  private async invite(input: HTMLInputElement): Promise<void> {
    const userId = asId(input.value.trim());
    if (!userId) return notify('A user id is a number; the other person sees it on the home page.');
    try {
      await this.call.invite(userId);
      input.value = '';
      notify(`Calling user ${userId}…`);
    } catch (error) {
      notify(error instanceof Error ? error.message : 'The call could not be sent.');
    }
  }
}
