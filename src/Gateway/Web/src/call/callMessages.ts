import { asString, type JsonObject } from '../platform/json';

export interface MediaState {
  microphone: boolean;
  camera: boolean;
  screen: boolean;
}

export type CallMessage =
  | { kind: 'start'; roomId: string; callerName: string }
  | { kind: 'rejected'; roomId: string; busy: boolean }
  | { kind: 'end'; roomId: string }
  | { kind: 'state'; roomId: string; state: MediaState };

const onOff = (on: boolean) => (on ? 'on' : 'off');

export const startMessage = (roomId: string, participantIds: number[], callerName: string): JsonObject => ({
  callStart: '1', janusRoomId: roomId, participantIds: participantIds.join(','), callerName,
});

export const rejectedMessage = (roomId: string, busy: boolean): JsonObject => ({
  callRejected: '1', janusRoomId: roomId, busy: String(busy),
});

export const endMessage = (roomId: string): JsonObject => ({ callEnd: '1', janusRoomId: roomId });

export const stateMessage = (roomId: string, state: MediaState): JsonObject => ({
  state: '1', janusRoomId: roomId, microphone: onOff(state.microphone), camera: onOff(state.camera), screen: onOff(state.screen),
});

/** @returns undefined for messages that are not about calls, or make no sense */
export function readCallMessage(extension: JsonObject): CallMessage | undefined {
  const roomId = asString(extension.janusRoomId);
  if (!roomId || !/^[0-9a-f]{24}$/.test(roomId)) return undefined;
  const says = (name: string) => String(extension[name] ?? '') === '1';
  if (says('callStart')) return { kind: 'start', roomId, callerName: asString(extension.callerName) ?? '' };
  if (says('callRejected')) return { kind: 'rejected', roomId, busy: String(extension.busy) === 'true' };
  if (says('callEnd')) return { kind: 'end', roomId };
  if (!says('state')) return undefined;
  const isOn = (name: string) => extension[name] === 'on';
  return { kind: 'state', roomId, state: { microphone: isOn('microphone'), camera: isOn('camera'), screen: isOn('screen') } };
}
