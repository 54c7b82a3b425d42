type Child = Node | string | undefined | false;

export interface Options {
  testId?: string;
  class?: string;
  text?: string;
  label?: string;
  attributes?: Record<string, string>;
  on?: Partial<{ [K in keyof HTMLElementEventMap]: (event: HTMLElementEventMap[K]) => void }>;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, options: Options = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (options.class) made.className = options.class;
  if (options.testId) made.dataset.testid = options.testId;
  if (options.label) made.setAttribute('aria-label', options.label);
  if (options.text !== undefined) made.textContent = options.text;
  for (const [name, value] of Object.entries(options.attributes ?? {})) made.setAttribute(name, value);
  for (const [event, listener] of Object.entries(options.on ?? {})) made.addEventListener(event, listener as EventListener);
  made.append(...children.filter((child): child is Node | string => !!child));
  return made;
}

/** Writes only what differs: a page full of level meters is refreshed several times a second. */
export function setAttribute(target: Element, name: string, value: string): void {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function setTrack(media: HTMLMediaElement, track: MediaStreamTrack | undefined): void {
  const current = media.srcObject instanceof MediaStream ? media.srcObject.getTracks()[0] : undefined;
  if (current === track) return;
  media.srcObject = track ? new MediaStream([track]) : null;
}
