/** What a video shows; it decides what of it is worth sending to whom. */
export type VideoContent = 'camera' | 'screen';

/** The simulcast encodings of the one video that is sent, the smallest first: quarter, half and full size. */
export const rids = ['q', 'h', 'f'] as const;

export type Rid = (typeof rids)[number];

interface Quality {
  scaleResolutionDownBy: number;
  /** Bits per second. */
  maxBitrate: number;
  maxFramerate: number;
}

/** A quarter of a screen is not readable, so it has two. A still screen costs little, whatever it may cost while it moves. */
const qualities: Record<VideoContent, Partial<Record<Rid, Quality>>> = {
  camera: {
    q: { scaleResolutionDownBy: 4, maxBitrate: 150_000, maxFramerate: 30 },
    h: { scaleResolutionDownBy: 2, maxBitrate: 500_000, maxFramerate: 30 },
    f: { scaleResolutionDownBy: 1, maxBitrate: 1_700_000, maxFramerate: 30 },
  },
  screen: {
    h: { scaleResolutionDownBy: 2, maxBitrate: 500_000, maxFramerate: 10 },
    f: { scaleResolutionDownBy: 1, maxBitrate: 2_500_000, maxFramerate: 15 },
  },
};

/** Three temporal layers, so that a slow receiver can have half or a quarter of the pictures. Browsers without a choice of modes pass over it. */
const scalabilityMode = 'L1T3';

/** For the transceiver: which encodings there are is negotiated once, by their ids. */
export function initialEncodings(): RTCRtpEncodingParameters[] {
  return rids.map((rid) => ({ rid, active: true, scalabilityMode, ...qualities.camera[rid] }));
}

/**
 * The encodings as they should be now.
 * @param watched ids of those that somebody gets; undefined while nothing was said about it
 */
export function encodingsFor(
  negotiated: readonly RTCRtpEncodingParameters[], content: VideoContent, watched: ReadonlySet<string> | undefined,
): RTCRtpEncodingParameters[] {
  // A browser without simulcast has one, without an id.
  if (negotiated.length < rids.length) return negotiated.map((encoding) => ({ ...encoding, ...qualities[content].f, active: watched?.size !== 0 }));
  return negotiated.map((encoding) => {
    const quality = qualities[content][encoding.rid as Rid];
    return { ...encoding, ...quality, active: quality !== undefined && (watched?.has(encoding.rid ?? '') ?? true) };
  });
}
