import type { Identity } from '../platform/identity';
import type { SystemMessages } from '../platform/systemMessages';
import { element } from './dom';
import { icon } from './icons';

/** What every view gets. */
export interface PageContext {
  identity: Identity;
  messages: SystemMessages;
  /** Shows another address of the page. */
  go: (path: string) => void;
}

/** A view puts itself on the page, and takes back what it holds (devices, connections, listeners) when it goes. */
export interface View {
  root: HTMLElement;
  close: () => void;
}

export const meetingPath = (meetingId: string) => `/m/${meetingId}`;

export function brand(): HTMLElement {
  return element('a', { class: 'brand', attributes: { href: '/' } }, element('span', { class: 'brand-mark' }, icon('camera')), 'Meet');
}

/** A whole page that says what is wrong, and what can be done. */
export function messageView(title: string, text: string, actions: { label: string; press: () => void; testId?: string }[], testId?: string): View {
  const root = element(
    'main', { class: 'message-page' },
    brand(),
    element(
      'section', { class: 'card', ...(testId && { testId }), attributes: { role: 'alert' } },
      element('h1', { text: title }),
      element('p', { text }),
      element(
        'div', { class: 'row' },
        ...actions.map(({ label, press, testId: id }, index) =>
          element('button', { class: index === 0 ? 'button primary' : 'button', text: label, on: { click: press }, ...(id && { testId: id }) }),
        ),
      ),
    ),
  );
  return { root, close: () => {} };
}
