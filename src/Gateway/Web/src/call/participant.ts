import type { MediaState } from './callMessages';
import { type MediaStatistics, noStatistics } from './statistics';

/** Louder than this counts as speech; a quiet room is about a tenth of it. */
const speechLevel = 0.03;

/** Pauses between words do not end the talking. */
const speechHoldMilliseconds = 700;

export interface Participant {
  userId: number;
  name: string;
  isSelf: boolean;
  state: MediaState;
  audio: MediaStreamTrack | undefined;
  video: MediaStreamTrack | undefined;
  connection: 'connecting' | 'connected';
  level: number;
  talking: boolean;
  lastSpeechAt: number;
  statistics: MediaStatistics;
}

export function newParticipant(userId: number, name: string, isSelf: boolean): Participant {
  return {
    userId,
    name: name || `User ${userId}`,
    isSelf,
    // Until told otherwise: apps that never say it usually send both.
    state: { microphone: true, camera: true, screen: false },
    audio: undefined,
    video: undefined,
    connection: 'connecting',
    level: 0,
    talking: false,
    lastSpeechAt: -Infinity,
    statistics: noStatistics,
  };
}

/** The connection that brought this participant's media is gone: a track that has ended would show black. */
export function interrupt(participant: Participant): void {
  participant.connection = 'connecting';
  participant.audio = participant.video = undefined;
  participant.statistics = noStatistics;
}

export function hear(participant: Participant, level: number, now: number): void {
  const audible = participant.state.microphone ? level : 0;
  if (audible > speechLevel) participant.lastSpeechAt = now;
  participant.level = audible;
  participant.talking = participant.state.microphone && now - participant.lastSpeechAt < speechHoldMilliseconds;
}

/** Colour of a user's initials, in degrees: steps of the golden angle keep neighbours apart. */
export const hue = (userId: number): number => Math.round((userId * 137.5) % 360);

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...(word ?? '')][0] ?? '').join('').toUpperCase() || '?';
}
