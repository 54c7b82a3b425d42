import './style/base.css';
import './style/home.css';
import './style/call.css';
import { Call } from './call/call';
import type { LocalMedia } from './call/localMedia';
import { ApiError, findMeeting, type Meeting } from './platform/api';
import { Identity } from './platform/identity';
import { SystemMessages } from './platform/systemMessages';
import { CallBanner } from './ui/callBanner';
import { CallView } from './ui/callView';
import { homeView } from './ui/home';
import { meetingPath, messageView, type PageContext, type View } from './ui/page';
import { prejoinView } from './ui/prejoin';
import { rememberMeeting } from './ui/recentMeetings';

declare global {
  interface Window {
    /** The running call, for debugging in the browser's console; see docs/web.md. */
    call: Call | undefined;
  }
}

let shown: View | undefined;

function show(view: View, title = 'Meet'): void {
  shown?.close();
  shown = view;
  document.title = title;
  document.getElementById('page')!.replaceChildren(view.root);
}

const reload = { label: 'Try again', press: () => location.reload() };

async function start(): Promise<void> {
  const identity = await Identity.open();
  const messages = new SystemMessages(identity);
  const context: PageContext = { identity, messages, go };
  new CallBanner({ messages, currentRoom: () => window.call?.meeting.id, accept: (roomId) => go(meetingPath(roomId)) });
  addEventListener('popstate', () => void route(context));
  addEventListener('pagehide', () => window.call?.leave());

  function go(path: string): void {
    history.pushState(null, '', path);
    void route(context);
  }

  await route(context);
}

async function route(context: PageContext): Promise<void> {
  endCall();
  const path = location.pathname;
  const meetingId = /^\/m\/([0-9a-f]{24})\/?$/i.exec(path)?.[1]?.toLowerCase();
  const home = { label: 'Home', press: () => context.go('/') };
  if (path === '/') return show(homeView(context));
  if (!meetingId) return show(messageView('This is not a meeting', 'The link is not complete. Ask for it again.', [home], 'page-error'));
  try {
    const meeting = await findMeeting(context.identity.session, meetingId);
    // The user may have gone elsewhere while the server was looking.
    if (location.pathname === path) show(prejoinView(context, meeting, (media) => enter(context, meeting, media)), meeting.name);
  } catch (error) {
    show(failure(error, home));
  }
}

function enter(context: PageContext, meeting: Meeting, media: LocalMedia): void {
  rememberMeeting(meeting);
  const call = new Call(meeting, context.identity, media, context.messages);
  window.call = call;
  const again = { label: 'Join again', press: () => void route(context), testId: 'rejoin' };
  const home = { label: 'Home', press: () => context.go('/') };
  const finish = (title: string, text: string) => {
    endCall();
    show(messageView(title, text, [again, home], 'call-ended'));
  };
  call.ended.on((reason) => finish('The call is over', reason));
  show(new CallView(call, () => finish('You left', meeting.name)), meeting.name);
}

function endCall(): void {
  window.call?.leave();
  window.call = undefined;
}

function failure(error: unknown, home: { label: string; press: () => void }): View {
  if (error instanceof ApiError && (error.status === 404 || error.status === 403))
    return messageView('No such meeting', 'It does not exist, was deleted, or is not open to you.', [home], 'page-error');
  const text = error instanceof Error ? error.message : 'Something went wrong.';
  return messageView('This did not work', text, [reload, home], 'page-error');
}

start().catch((error: unknown) =>
  show(messageView('The server is away', error instanceof Error ? error.message : 'Something went wrong.', [reload], 'page-error')),
);
