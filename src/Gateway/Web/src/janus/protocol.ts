import { asId, asString, isObject, type JsonObject, parseObject } from '../platform/json';

/** A frame from the server, as far as this client reads it. */
export interface ServerMessage {
  janus: string;
  transaction?: string;
  /** Handle that the event is about. */
  sender?: number;
  /** Id of a new session or handle. */
  id?: number;
  error?: { code: number; reason: string };
  plugin?: JsonObject;
  jsep?: RTCSessionDescriptionInit;
  candidate?: RTCIceCandidateInit;
  reason?: string;
}

export interface Feed {
  id: number;
  display: string;
}

/** What the VideoRoom plugin tells a publisher's handle. */
export type RoomEvent =
  | { kind: 'publishers'; feeds: Feed[] }
  | { kind: 'left'; id: number }
  | { kind: 'removed' }
  | { kind: 'watched'; rids: string[] }
  | { kind: 'error'; code: number; reason: string };

export class JanusError extends Error {
  constructor(readonly code: number, reason: string) {
    super(reason);
  }
}

export const codes = { unauthorized: 403, noSuchSession: 458, noSuchRoom: 426, full: 432, notAllowed: 433, nodeLost: 499 } as const;

/** @returns undefined for a frame that is not a Janus message: such a frame is passed over */
export function readServerMessage(text: unknown): ServerMessage | undefined {
  const frame = parseObject(text);
  const janus = asString(frame?.janus);
  if (!frame || !janus) return undefined;
  const plugin = isObject(frame.plugindata) && isObject(frame.plugindata.data) ? frame.plugindata.data : undefined;
  return withoutUndefined({
    janus,
    transaction: asString(frame.transaction),
    sender: asId(frame.sender),
    id: isObject(frame.data) ? asId(frame.data.id) : undefined,
    error: isObject(frame.error)
      ? { code: Number(frame.error.code) || 490, reason: asString(frame.error.reason) ?? 'unknown error' }
      : undefined,
    plugin,
    jsep: readDescription(frame.jsep),
    candidate: isObject(frame.candidate) && typeof frame.candidate.candidate === 'string' ? frame.candidate : undefined,
    reason: asString(frame.reason),
  }) as unknown as ServerMessage;
}

export function readRoomEvents(data: JsonObject, ownId: number): RoomEvent[] {
  const events: RoomEvent[] = [];
  if (data.error_code !== undefined || data.error !== undefined)
    events.push({ kind: 'error', code: Number(data.error_code) || codes.nodeLost, reason: asString(data.error) ?? 'unknown error' });
  if (Array.isArray(data.publishers)) {
    const feeds = data.publishers.flatMap((entry) => readFeed(entry, ownId));
    if (feeds.length > 0) events.push({ kind: 'publishers', feeds });
  }
  // An addition to Janus: the simulcast encodings of the own video that somebody gets.
  if (isObject(data.layers_wanted) && Array.isArray(data.layers_wanted.rids))
    events.push({ kind: 'watched', rids: data.layers_wanted.rids.flatMap((rid) => asString(rid) ?? []) });
  for (const id of [asId(data.leaving), asId(data.unpublished), asId(data.kicked)])
    if (id !== undefined) events.push(id === ownId ? { kind: 'removed' } : { kind: 'left', id });
  return events;
}

function readFeed(entry: unknown, ownId: number): Feed[] {
  const id = isObject(entry) ? asId(entry.id) : undefined;
  return id && id !== ownId && isObject(entry) ? [{ id, display: asString(entry.display) ?? '' }] : [];
}

function readDescription(jsep: unknown): RTCSessionDescriptionInit | undefined {
  return isObject(jsep) && (jsep.type === 'offer' || jsep.type === 'answer') && typeof jsep.sdp === 'string'
    ? { type: jsep.type, sdp: jsep.sdp }
    : undefined;
}

function withoutUndefined(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
