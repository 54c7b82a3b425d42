import { describe, expect, test } from 'vitest';
import { encodingsFor, initialEncodings } from '../src/janus/encodings';

const active = (encodings: RTCRtpEncodingParameters[]) => encodings.filter((encoding) => encoding.active).map((encoding) => encoding.rid);

describe('encodings', () => {
  test('a camera goes out in three sizes until somebody says otherwise', () => {
    const encodings = encodingsFor(initialEncodings(), 'camera', undefined);
    expect(encodings).toEqual(initialEncodings());
    expect(active(encodings)).toEqual(['q', 'h', 'f']);
    expect(encodings.map((encoding) => encoding.scaleResolutionDownBy)).toEqual([4, 2, 1]);
  });

  test('those that nobody watches rest, and come back', () => {
    const resting = encodingsFor(initialEncodings(), 'camera', new Set(['q']));
    expect(active(resting)).toEqual(['q']);
    expect(active(encodingsFor(resting, 'camera', new Set(['q', 'h', 'f'])))).toEqual(['q', 'h', 'f']);
    expect(active(encodingsFor(resting, 'camera', new Set()))).toEqual([]);
  });

  test('a screen has no size that cannot be read, and is allowed more', () => {
    const screen = encodingsFor(initialEncodings(), 'screen', new Set(['q', 'h', 'f']));
    expect(active(screen)).toEqual(['h', 'f']);
    expect(screen[2]!.maxBitrate).toBeGreaterThan(initialEncodings()[2]!.maxBitrate!);
    expect(encodingsFor(screen, 'camera', undefined)).toEqual(initialEncodings());
  });

  test('what the browser added to an encoding stays', () => {
    const negotiated = initialEncodings().map((encoding) => ({ ...encoding, priority: 'high' as const }));
    expect(encodingsFor(negotiated, 'screen', undefined).every((encoding) => encoding.priority === 'high')).toBe(true);
  });

  test('a browser without simulcast sends the full size', () => {
    expect(encodingsFor([{ active: true }], 'camera', new Set(['q']))).toEqual([
      { active: true, scaleResolutionDownBy: 1, maxBitrate: 1_700_000, maxFramerate: 30 },
    ]);
  });
});
