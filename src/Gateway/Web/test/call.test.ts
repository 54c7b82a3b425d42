import { expect, test } from 'vitest';
import { endMessage, readCallMessage, rejectedMessage, startMessage, stateMessage } from '../src/call/callMessages';
import { hear, initials, newParticipant } from '../src/call/participant';
import { summarize } from '../src/call/statistics';
import { errorText } from '../src/platform/api';
import { bestGrid } from '../src/ui/grid';

const room = '5f8a00000000000000000001';

test('call messages are read as they were written', () => {
  expect(readCallMessage(startMessage(room, [1, 2], 'Ann'))).toEqual({ kind: 'start', roomId: room, callerName: 'Ann' });
  expect(startMessage(room, [1, 2], 'Ann').participantIds).toBe('1,2');
  expect(readCallMessage(rejectedMessage(room, true))).toEqual({ kind: 'rejected', roomId: room, busy: true });
  expect(readCallMessage(endMessage(room))).toEqual({ kind: 'end', roomId: room });
  const state = { microphone: true, camera: false, screen: true };
  expect(readCallMessage(stateMessage(room, state))).toEqual({ kind: 'state', roomId: room, state });
});

test.each([{}, { callStart: '1' }, { callStart: '1', janusRoomId: '../x' }, { janusRoomId: room }, { callEnd: 1 }])('%j is no call message', (extension) => {
  expect(readCallMessage(extension)).toBeUndefined();
});

test('talking outlasts the pauses between words, and ends with the microphone', () => {
  const ann = newParticipant(1, 'Ann', false);
  hear(ann, 0.2, 0);
  hear(ann, 0, 500);
  expect(ann.talking).toBe(true);
  hear(ann, 0, 800);
  expect(ann.talking).toBe(false);
  hear(ann, 0.2, 900);
  ann.state = { ...ann.state, microphone: false };
  hear(ann, 0.2, 1000);
  expect(ann).toMatchObject({ talking: false, level: 0 });
});

test.each([['Ann Lee', 'AL'], ['ann', 'A'], ['Ann van der Berg', 'AB'], ['  ', '?'], ['😀 x', '😀X']])('initials of %j are %s', (name, expected) => {
  expect(initials(name)).toBe(expected);
});

test('rates come from the difference between two readings, and a new connection starts from 0', () => {
  const at = (bytes: number) => [{ type: 'inbound-rtp', kind: 'video', bytesReceived: bytes, framesDecoded: 7, packetsLost: 2 }];
  const first = summarize(at(1000), 0, undefined);
  const second = summarize(at(126_000), 1000, first.counted);
  expect(second.statistics).toMatchObject({ kilobitsPerSecond: 1000, frames: 7, packetsLost: 2 });
  expect(summarize(at(10), 2000, second.counted).statistics.kilobitsPerSecond).toBe(0);
});

test('tiles are as large as the room allows', () => {
  expect(bestGrid(1600, 900, 1, 10)).toEqual({ columns: 1, tileWidth: 1600, tileHeight: 900 });
  expect(bestGrid(1600, 900, 4, 0).columns).toBe(2);
  expect(bestGrid(360, 640, 2, 10).columns).toBe(1);
  expect(bestGrid(0, 0, 3, 10)).toEqual({ columns: 1, tileWidth: 0, tileHeight: 0 });
});

test('an error of the server is put into one text', () => {
  expect(errorText({ errors: { base: ['a', 'b'] } })).toBe('a, b');
  expect(errorText({ errors: { name: ['is too long'] } })).toBe('name is too long');
  expect(errorText({})).toBeUndefined();
});
