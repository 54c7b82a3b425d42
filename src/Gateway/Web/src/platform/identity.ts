import { isAlive, openGuestSession, type Session } from './api';
import { parseObject } from './json';

const sessionKey = 'session';
const nameKey = 'name';

/** A reloaded page gives its lock up within milliseconds; another tab does not. */
const lockPatienceMilliseconds = 400;

/**
 * Who this tab is. The session lives in sessionStorage, so two tabs are two users; the name is remembered for all tabs.
 */
export class Identity {
  private constructor(private current: Session) {}

  static async open(): Promise<Identity> {
    const stored = readStored();
    if (stored && (await isOnlyUser(stored)) && (await isAlive(stored))) return new Identity(stored);
    const identity = new Identity(await openGuestSession(Identity.rememberedName || 'Guest'));
    identity.store();
    return identity;
  }

  static get rememberedName(): string {
    return localStorage.getItem(nameKey) ?? '';
  }

  get session(): Session {
    return this.current;
  }

  get userId(): number {
    return this.current.userId;
  }

  get token(): string {
    return this.current.token;
  }

  get name(): string {
    return Identity.rememberedName || `Guest ${this.userId}`;
  }

  /** The name is told with each call; the user that the server made for the session keeps the one it was made with. */
  rename(name: string): void {
    localStorage.setItem(nameKey, name);
  }

  /** Prolongs the session, or takes a new one (with a new user) if the server no longer knows it. */
  async refresh(): Promise<void> {
    if (await isAlive(this.current)) return;
    this.current = await openGuestSession(this.name);
    this.store();
  }

  private store(): void {
    sessionStorage.setItem(sessionKey, JSON.stringify(this.current));
    void isOnlyUser(this.current);
  }
}

function readStored(): Session | undefined {
  const stored = parseObject(sessionStorage.getItem(sessionKey));
  return typeof stored?.token === 'string' && typeof stored.userId === 'number'
    ? { token: stored.token, userId: stored.userId }
    : undefined;
}

/**
 * "Duplicate tab" copies sessionStorage, and two tabs with one session would throw each other out of the call for ever. A lock held for the
 * life of the tab shows who was first.
 */
function isOnlyUser(session: Session): Promise<boolean> {
  if (!('locks' in navigator)) return Promise.resolve(true);
  return new Promise((resolve) => {
    navigator.locks
      .request(`session-${session.userId}`, { signal: AbortSignal.timeout(lockPatienceMilliseconds) }, () => {
        resolve(true);
        return new Promise<never>(() => {});
      })
      .catch(() => resolve(false));
  });
}
