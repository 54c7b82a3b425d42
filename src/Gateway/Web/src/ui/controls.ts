import { element, setAttribute } from './dom';
import { icon, type IconName, setIcon } from './icons';

export interface ControlOptions {
  testId: string;
  icon: IconName;
  label: string;
  /** Key that does the same. */
  key?: string;
  class?: string;
  press: () => void;
}

/** A round button with an icon; its label is read out, and shown on hover. */
export function control(options: ControlOptions): HTMLButtonElement {
  const title = options.key ? `${options.label} (${options.key})` : options.label;
  return element(
    'button',
    {
      testId: options.testId,
      class: `control ${options.class ?? ''}`,
      label: options.label,
      attributes: { type: 'button', title, ...(options.key && { 'aria-keyshortcuts': options.key }) },
      on: { click: options.press },
    },
    icon(options.icon),
  );
}

export function showOn(button: HTMLButtonElement, on: boolean, icons: { on: IconName; off: IconName }): void {
  setAttribute(button, 'aria-pressed', String(on));
  setIcon(button, on ? icons.on : icons.off);
}

/** Single keys, not while somebody types, and not with a modifier: those belong to the browser. */
export function listenToKeys(keys: Record<string, () => void>): () => void {
  const listener = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    keys[event.key.toLowerCase()]?.();
  };
  document.addEventListener('keydown', listener);
  return () => document.removeEventListener('keydown', listener);
}
