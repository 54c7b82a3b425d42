import { element } from './dom';

const shownMilliseconds = 6_000;

/** More than this many at once cover the page; the oldest goes. */
const mostShown = 3;

/** A short message at the edge of the page, read out by screen readers. */
export function notify(text: string): void {
  const list = document.getElementById('notices')!;
  const notice = element('p', { testId: 'notice', class: 'notice', text });
  list.append(notice);
  while (list.childElementCount > mostShown) list.firstElementChild?.remove();
  setTimeout(() => notice.remove(), shownMilliseconds);
}

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify(`${what} copied.`);
  } catch {
    notify(`${what}: ${text}`);
  }
}
