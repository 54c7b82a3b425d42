import { describe, expect, test } from 'vitest';
import { readRoomEvents, readServerMessage } from '../src/janus/protocol';

describe('frames', () => {
  test('an event keeps its handle, plugin data and description', () => {
    const text = '{"janus":"event","session_id":1,"sender":7,"transaction":"t","plugindata":{"plugin":"p","data":{"videoroom":"attached"}},"jsep":{"type":"offer","sdp":"v=0"}}';
    expect(readServerMessage(text)).toEqual({
      janus: 'event', sender: 7, transaction: 't', plugin: { videoroom: 'attached' }, jsep: { type: 'offer', sdp: 'v=0' },
    });
  });

  test.each(['', 'null', '[]', '{}', '{"janus":1}', '{"janus":', undefined])('%j is passed over', (text) => {
    expect(readServerMessage(text)).toBeUndefined();
  });

  test('an error without its members still is an error', () => {
    expect(readServerMessage('{"janus":"error","error":{}}')?.error).toEqual({ code: 490, reason: 'unknown error' });
  });

  test('members of a wrong type are left out', () => {
    expect(readServerMessage('{"janus":"event","sender":"x","jsep":{"type":"rollback"},"plugindata":3}')).toEqual({ janus: 'event' });
  });
});

describe('room events', () => {
  test('publishers come with number and display, oneself left out', () => {
    const data = { videoroom: 'event', publishers: [{ id: 5, display: 'Ann' }, { id: '6' }, { id: 9 }, { id: -1 }, null] };
    expect(readRoomEvents(data, 9)).toEqual([{ kind: 'publishers', feeds: [{ id: 5, display: 'Ann' }, { id: 6, display: '' }] }]);
  });

  test('leaving, unpublished and kicked say that somebody is gone; "ok" answers a request of one\'s own', () => {
    expect(readRoomEvents({ leaving: 5 }, 9)).toEqual([{ kind: 'left', id: 5 }]);
    expect(readRoomEvents({ unpublished: 5 }, 9)).toEqual([{ kind: 'left', id: 5 }]);
    expect(readRoomEvents({ kicked: 9 }, 9)).toEqual([{ kind: 'removed' }]);
    expect(readRoomEvents({ leaving: 'ok' }, 9)).toEqual([]);
  });

  test('which encodings are watched is told by their ids', () => {
    expect(readRoomEvents({ videoroom: 'event', layers_wanted: { mid: '1', substream: 1, rids: ['q', 'h', 7] } }, 9)).toEqual([
      { kind: 'watched', rids: ['q', 'h'] },
    ]);
    expect(readRoomEvents({ layers_wanted: { mid: '1' } }, 9)).toEqual([]);
  });

  test('an error carries its code', () => {
    expect(readRoomEvents({ videoroom: 'event', error_code: 499, error: 'media node lost; join again' }, 9)).toEqual([
      { kind: 'error', code: 499, reason: 'media node lost; join again' },
    ]);
  });
});
