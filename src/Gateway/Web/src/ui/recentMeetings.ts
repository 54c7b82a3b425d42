import { isObject } from '../platform/json';

const key = 'meetings';
const mostKept = 5;

export interface RecentMeeting {
  id: string;
  name: string;
}

export function recentMeetings(): RecentMeeting[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isRecentMeeting).slice(0, mostKept) : [];
  } catch {
    return [];
  }
}

export function rememberMeeting({ id, name }: RecentMeeting): void {
  const others = recentMeetings().filter((meeting) => meeting.id !== id);
  localStorage.setItem(key, JSON.stringify([{ id, name }, ...others].slice(0, mostKept)));
}

function isRecentMeeting(value: unknown): value is RecentMeeting {
  return isObject(value) && typeof value.id === 'string' && typeof value.name === 'string';
}
