import type { OutgoingTracks } from '../janus/publication';
import { Signal } from '../platform/signal';
import type { MediaState } from './callMessages';

export type DeviceKind = 'microphone' | 'camera';

const storageKeys = { microphone: 'microphone', camera: 'camera' } as const;

/** The own microphone, camera and screen. A camera that is off is given back to the system: its light goes out. */
export class LocalMedia {
  readonly changed = new Signal<void>();

  private microphone: MediaStreamTrack | undefined;
  private camera: MediaStreamTrack | undefined;
  private screen: MediaStreamTrack | undefined;
  private microphoneOn = false;

  /** Why a device is not there, in words for the user. */
  readonly problems: Partial<Record<DeviceKind, string>> = {};

  get state(): MediaState {
    return { microphone: this.microphoneOn && !!this.microphone, camera: !!this.camera, screen: !!this.screen };
  }

  get tracks(): OutgoingTracks {
    return { audio: this.microphone ?? null, video: this.screen ?? this.camera ?? null, content: this.screen ? 'screen' : 'camera' };
  }

  get preview(): MediaStreamTrack | undefined {
    return this.camera;
  }

  /** Asks for both devices in one question to the user, and for each alone if that fails, since one of them may be missing. */
  async open(): Promise<void> {
    const missing = unusable();
    if (missing) return this.fail(['microphone', 'camera'], missing);
    try {
      this.adopt(await navigator.mediaDevices.getUserMedia({ audio: constraint('microphone'), video: constraint('camera') }));
    } catch {
      await this.turnOn('microphone');
      await this.turnOn('camera');
    }
    this.changed.emit();
  }

  async toggleMicrophone(): Promise<void> {
    if (!this.microphone) return this.turnOn('microphone');
    this.microphoneOn = !this.microphoneOn;
    this.microphone.enabled = this.microphoneOn;
    this.changed.emit();
  }

  async toggleCamera(): Promise<void> {
    if (!this.camera) return this.turnOn('camera');
    this.release('camera');
    this.changed.emit();
  }

  /** @returns false when the user chose nothing to share */
  async toggleScreen(): Promise<boolean> {
    if (this.screen) {
      this.releaseScreen();
      return true;
    }
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: false }).catch(() => undefined);
    const track = stream?.getVideoTracks()[0];
    if (!track) return false;
    track.contentHint = 'detail';
    track.onended = () => this.releaseScreen();
    this.screen = track;
    this.changed.emit();
    return true;
  }

  async choose(kind: DeviceKind, deviceId: string): Promise<void> {
    localStorage.setItem(storageKeys[kind], deviceId);
    const silent = kind === 'microphone' && !!this.microphone && !this.microphoneOn;
    if (kind === 'camera' && !this.camera) return;
    this.release(kind);
    await this.turnOn(kind);
    if (silent) await this.toggleMicrophone();
  }

  async devices(kind: DeviceKind): Promise<MediaDeviceInfo[]> {
    if (unusable()) return [];
    const wanted = kind === 'camera' ? 'videoinput' : 'audioinput';
    return (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === wanted && device.deviceId !== '');
  }

  chosen(kind: DeviceKind): string | undefined {
    return (kind === 'camera' ? this.camera : this.microphone)?.getSettings().deviceId;
  }

  close(): void {
    this.release('microphone');
    this.release('camera');
    this.screen?.stop();
    this.screen = undefined;
  }

  private async turnOn(kind: DeviceKind): Promise<void> {
    const missing = unusable();
    if (missing) return this.fail([kind], missing);
    try {
      this.adopt(
        await navigator.mediaDevices.getUserMedia(kind === 'camera' ? { video: constraint(kind) } : { audio: constraint(kind) }),
      );
    } catch (error) {
      this.problems[kind] = explain(kind, error);
    }
    this.changed.emit();
  }

  private adopt(stream: MediaStream): void {
    for (const track of stream.getTracks()) {
      const kind = track.kind === 'video' ? 'camera' : 'microphone';
      this.release(kind);
      delete this.problems[kind];
      this[kind] = track;
      if (kind === 'microphone') this.microphoneOn = true;
      track.onended = () => this.unplugged(kind);
    }
  }

  private unplugged(kind: DeviceKind): void {
    this[kind] = undefined;
    this.problems[kind] = `The ${kind} was unplugged, or taken by the system.`;
    this.changed.emit();
  }

  private release(kind: DeviceKind): void {
    const track = this[kind];
    if (!track) return;
    track.onended = null;
    track.stop();
    this[kind] = undefined;
  }

  private releaseScreen(): void {
    this.screen?.stop();
    this.screen = undefined;
    this.changed.emit();
  }

  private fail(kinds: DeviceKind[], problem: string): void {
    for (const kind of kinds) this.problems[kind] = problem;
    this.changed.emit();
  }
}

function unusable(): string | undefined {
  if (!window.isSecureContext)
    return 'This page did not come over HTTPS, so the browser allows no camera and no microphone. Open it with https:// (or on localhost).';
  return navigator.mediaDevices ? undefined : 'This browser cannot use a camera or a microphone.';
}

function constraint(kind: DeviceKind): MediaTrackConstraints {
  const id = localStorage.getItem(storageKeys[kind]);
  const device = id ? { deviceId: { ideal: id } } : {};
  return kind === 'camera'
    ? { ...device, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } }
    : { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
}

export function explain(kind: DeviceKind, error: unknown): string {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
      return `The browser refused the ${kind}. Allow it in the browser's address bar, then turn it on here.`;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `No ${kind} was found. Plug one in, or join without it.`;
    case 'NotReadableError':
      return `The ${kind} is in use by another program, or does not work.`;
    default:
      return `The ${kind} could not be opened.`;
  }
}
