import { createMeeting } from '../platform/api';
import { Identity } from '../platform/identity';
import { doNotDisturb, setDoNotDisturb } from './callBanner';
import { element } from './dom';
import { icon } from './icons';
import { copy, notify } from './notices';
import { brand, meetingPath, type PageContext, type View } from './page';
import { recentMeetings } from './recentMeetings';

const longestName = 60;

/** A meeting's id, alone or at the end of a link. */
export function readMeetingId(text: string): string | undefined {
  return /(?:^|\/m\/)([0-9a-f]{24})\/?(?:[?#].*)?$/i.exec(text.trim())?.[1]?.toLowerCase();
}

export function nameInput(): HTMLInputElement {
  return element('input', {
    testId: 'name-input',
    attributes: { value: Identity.rememberedName, placeholder: 'Your name', maxlength: String(longestName), autocomplete: 'name', id: 'name' },
  });
}

export function homeView(context: PageContext): View {
  const name = nameInput();
  const start = element('button', { testId: 'new-meeting', class: 'button primary wide', attributes: { type: 'submit' } }, icon('plus'), 'New meeting');
  const link = element('input', {
    testId: 'join-link-input', label: 'Meeting link or code', attributes: { placeholder: 'Paste a link or a code', autocomplete: 'off', spellcheck: 'false' },
  });

  const startMeeting = async () => {
    start.disabled = true;
    try {
      context.identity.rename(name.value.trim());
      const meeting = await createMeeting(context.identity.session, name.value.trim() ? `${name.value.trim()}'s meeting` : 'Meeting');
      context.go(meetingPath(meeting.id));
    } catch (error) {
      notify(error instanceof Error ? error.message : 'The meeting could not be made.');
      start.disabled = false;
    }
  };
  const openLink = () => {
    const id = readMeetingId(link.value);
    if (!id) return notify('This is neither a meeting link nor a code of 24 letters and digits.');
    context.identity.rename(name.value.trim());
    context.go(meetingPath(id));
  };

  const root = element(
    'main', { class: 'home' },
    element('header', {}, brand()),
    element(
      'section', { class: 'hero' },
      element('h1', { text: 'Meetings that stay with you' }),
      element('p', { class: 'lead', text: 'Video calls from the browser, over your own servers. No account, nothing to install.' }),
    ),
    element(
      'section', { class: 'card' },
      form(startMeeting, element('label', { text: 'Your name', attributes: { for: 'name' } }), name, start),
      element('div', { class: 'divider', text: 'or' }),
      form(
        openLink,
        element('div', { class: 'row' }, link, element('button', { testId: 'open-link', class: 'button', text: 'Open', attributes: { type: 'submit' } })),
      ),
      recentList(),
    ),
    reachable(context),
  );
  return { root, close: () => {} };
}

function form(submit: () => unknown, ...children: Node[]): HTMLFormElement {
  return element('form', { class: 'stack', on: { submit: (event) => { event.preventDefault(); submit(); } } }, ...children);
}

/** The page's own id, by which others can call; and whether they may. */
function reachable({ identity }: PageContext): HTMLElement {
  const quiet = element('input', {
    testId: 'do-not-disturb', attributes: { type: 'checkbox' }, on: { change: () => setDoNotDisturb(quiet.checked) },
  });
  quiet.checked = doNotDisturb();
  return element(
    'section', { class: 'reachable' },
    element('span', {}, 'Others can call you in this tab: your id is ', element('button', {
      testId: 'own-user-id', class: 'id', text: String(identity.userId), label: `Copy your id ${identity.userId}`,
      on: { click: () => void copy(String(identity.userId), 'Your id') },
    })),
    element('label', { class: 'check' }, quiet, 'Do not disturb'),
  );
}

function recentList(): HTMLElement | undefined {
  const meetings = recentMeetings();
  if (meetings.length === 0) return undefined;
  return element(
    'nav', { class: 'recent', label: 'Recent meetings' },
    element('h2', { text: 'Recent' }),
    ...meetings.map(({ id, name }) => element('a', { attributes: { href: meetingPath(id) } }, element('span', { text: name }), element('code', { text: id.slice(-6) }))),
  );
}
