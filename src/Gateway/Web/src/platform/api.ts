import { asId, asString, isObject, type JsonObject, parseObject } from './json';

/** The server answered with an error; the message is the server's own text. */
export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** No answer at all: the server is away, or there is no network. */
export class Unreachable extends Error {
  constructor() {
    super('The server cannot be reached.');
  }
}

export interface Session {
  token: string;
  userId: number;
}

export interface Meeting {
  id: string;
  name: string;
  hostId: number;
}

const timeoutMilliseconds = 15_000;

async function call(method: string, path: string, token?: string, body?: JsonObject): Promise<JsonObject> {
  const response = await fetch(path, {
    method,
    headers: { ...(body && { 'Content-Type': 'application/json' }), ...(token && { 'CB-Token': token }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMilliseconds),
  }).catch(() => {
    throw new Unreachable();
  });
  const answer = parseObject(await response.text().catch(() => '')) ?? {};
  if (!response.ok) throw new ApiError(response.status, errorText(answer) ?? `The server answered ${response.status}.`);
  return answer;
}

/** Errors look like `{"errors":{"base":["text"]}}`, or have a field's name in place of `base`. */
export function errorText(answer: JsonObject): string | undefined {
  if (!isObject(answer.errors)) return undefined;
  const texts = Object.entries(answer.errors).flatMap(([field, list]) =>
    (Array.isArray(list) ? list : [list]).map((text) => (field === 'base' ? String(text) : `${field} ${String(text)}`)),
  );
  return texts.length > 0 ? texts.join(', ') : undefined;
}

/** Opens a session for a new guest of the page's application. */
export async function openGuestSession(name: string): Promise<Session> {
  const application = await call('GET', '/config.json');
  const id = asString(application.applicationId) ?? '';
  const { session } = await call('POST', '/session', undefined, {
    application_id: /^\d+$/.test(id) ? Number(id) : id,
    auth_key: application.authKey,
    user: { guest: '1', full_name: name },
  });
  const token = isObject(session) ? asString(session.token) : undefined;
  const userId = isObject(session) ? asId(session.user_id) : undefined;
  if (!token || !userId) throw new ApiError(502, 'The server opened a session without a user.');
  return { token, userId };
}

/** Asks whether the session still lives; asking also prolongs it. */
export async function isAlive(session: Session): Promise<boolean> {
  try {
    await call('GET', '/session', session.token);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false;
    throw error;
  }
}

export async function createMeeting(session: Session, name: string): Promise<Meeting> {
  const start = Math.floor(Date.now() / 1000);
  return readMeeting(
    await call('POST', '/meetings', session.token, {
      name,
      start_date: start,
      end_date: start + 3600,
      attendees: [],
      record: false,
      chat: false,
      public: true,
    }),
  );
}

export async function findMeeting(session: Session, id: string): Promise<Meeting> {
  return readMeeting(await call('GET', `/meetings?_id=${encodeURIComponent(id)}`, session.token));
}

function readMeeting(answer: JsonObject): Meeting {
  const id = asString(answer._id);
  if (!id) throw new ApiError(404, 'There is no such meeting.');
  return { id, name: asString(answer.name) ?? 'Meeting', hostId: asId(answer.host_id) ?? 0 };
}
