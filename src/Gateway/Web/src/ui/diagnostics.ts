import type { Call } from '../call/call';
import type { Participant } from '../call/participant';
import { element, setAttribute, setText } from './dom';

const columns = ['', 'kbit/s', 'Picture', 'Frames/s', 'Frames', 'Lost', 'Round trip', 'Level'];

/** Numbers of each connection, for whoever wants to know why it stutters. */
export class Diagnostics {
  readonly root: HTMLElement;

  private readonly body = element('tbody');
  private readonly rows = new Map<number, HTMLTableRowElement>();

  constructor(private readonly call: Call) {
    this.root = element(
      'section', { testId: 'diagnostics', class: 'diagnostics', label: 'Call diagnostics', attributes: { hidden: '' } },
      element('table', {}, element('thead', {}, element('tr', {}, ...columns.map((text) => element('th', { text, attributes: { scope: 'col' } })))), this.body),
    );
  }

  toggle(): void {
    this.root.hidden = !this.root.hidden;
    this.measure();
  }

  measure(): void {
    if (this.root.hidden) return;
    const { participants } = this.call;
    const present = new Set(participants.map(({ userId }) => userId));
    for (const [id, row] of this.rows) if (!present.has(id)) this.forget(id, row);
    for (const participant of participants) this.write(this.row(participant.userId), participant);
  }

  private row(userId: number): HTMLTableRowElement {
    let row = this.rows.get(userId);
    if (row) return row;
    row = element(
      'tr', { testId: 'diagnostics-participant', attributes: { 'data-user-id': String(userId) } },
      element('th', { attributes: { scope: 'row' } }), ...columns.slice(1).map(() => element('td')),
    );
    this.rows.set(userId, row);
    this.body.append(row);
    return row;
  }

  private write(row: HTMLTableRowElement, { name, isSelf, statistics }: Participant): void {
    const { kilobitsPerSecond, width, height, framesPerSecond, frames, packetsLost, roundTripMilliseconds, audioLevel } = statistics;
    const texts = [
      isSelf ? `${name} (sent)` : name,
      String(kilobitsPerSecond),
      width ? `${width}×${height}` : '–',
      String(framesPerSecond),
      String(frames),
      String(packetsLost),
      `${roundTripMilliseconds} ms`,
      audioLevel.toFixed(3),
    ];
    texts.forEach((text, index) => setText(row.cells[index]!, text));
    setAttribute(row, isSelf ? 'data-frames-sent' : 'data-frames-decoded', String(frames));
    setAttribute(row, 'data-frame-width', String(width));
    setAttribute(row, 'data-audio-level', audioLevel.toFixed(4));
    setAttribute(row, 'data-kilobits-per-second', String(kilobitsPerSecond));
    setAttribute(row, 'data-packets-lost', String(packetsLost));
  }

  private forget(id: number, row: HTMLElement): void {
    row.remove();
    this.rows.delete(id);
  }
}
