/** What the diagnostics show of one participant, and what the level indicator needs. */
export interface MediaStatistics {
  kilobitsPerSecond: number;
  framesPerSecond: number;
  /** Decoded frames of others; sent frames of one's own. */
  frames: number;
  width: number;
  height: number;
  packetsLost: number;
  roundTripMilliseconds: number;
  /** 0 to 1. */
  audioLevel: number;
}

export const noStatistics: MediaStatistics = {
  kilobitsPerSecond: 0, framesPerSecond: 0, frames: 0, width: 0, height: 0, packetsLost: 0, roundTripMilliseconds: 0, audioLevel: 0,
};

interface Counted {
  bytes: number;
  at: number;
}

/** Reads a PeerConnection's statistics; keeps the last byte count, from which the rate comes. */
export class StatisticsReader {
  private last: Counted | undefined;

  async read(peer: RTCPeerConnection): Promise<MediaStatistics> {
    const reports = [...(await peer.getStats()).values()] as Record<string, unknown>[];
    const { counted, statistics } = summarize(reports, performance.now(), this.last);
    this.last = counted;
    return statistics;
  }
}

export function summarize(
  reports: Record<string, unknown>[], now: number, last: Counted | undefined,
): { counted: Counted; statistics: MediaStatistics } {
  const numbers = (report: Record<string, unknown> | undefined, name: string) => {
    const value = report?.[name];
    return typeof value === 'number' ? value : 0;
  };
  const streams = reports.filter((report) => report.type === 'inbound-rtp' || report.type === 'outbound-rtp');
  // Of several encodings, the largest that goes out.
  const video = streams
    .filter((report) => report.kind === 'video')
    .sort((one, other) => numbers(other, 'frameWidth') - numbers(one, 'frameWidth'))[0];
  const audio = streams.find((report) => report.kind === 'audio');
  const source = reports.find((report) => report.type === 'media-source' && report.kind === 'audio');
  const pair = reports.find((report) => report.type === 'candidate-pair' && report.nominated === true);
  const bytes = streams.reduce((sum, report) => sum + numbers(report, 'bytesReceived') + numbers(report, 'bytesSent'), 0);
  const lost = reports
    .filter((report) => report.type === 'inbound-rtp' || report.type === 'remote-inbound-rtp')
    .reduce((sum, report) => sum + numbers(report, 'packetsLost'), 0);
  // A connection that was made anew counts from 0 again.
  const rate = last && bytes >= last.bytes && now > last.at ? ((bytes - last.bytes) * 8) / (now - last.at) : 0;
  return {
    counted: { bytes, at: now },
    statistics: {
      kilobitsPerSecond: Math.round(rate),
      framesPerSecond: Math.round(numbers(video, 'framesPerSecond')),
      frames: numbers(video, 'framesDecoded') || numbers(video, 'framesSent'),
      width: numbers(video, 'frameWidth'),
      height: numbers(video, 'frameHeight'),
      packetsLost: Math.max(0, lost),
      roundTripMilliseconds: Math.round(numbers(pair, 'currentRoundTripTime') * 1000),
      // Of sent sound, the level is told at its source.
      audioLevel: numbers(audio, 'audioLevel') || numbers(source, 'audioLevel'),
    },
  };
}
