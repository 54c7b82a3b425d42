/** Loudness of a track that is captured here, from 0 to 1. */
export class LevelMeter {
  private static context: AudioContext | undefined;
  private source: MediaStreamAudioSourceNode | undefined;
  private track: MediaStreamTrack | undefined;
  private analyser: AnalyserNode | undefined;
  private readonly samples = new Float32Array(1024);

  watch(track: MediaStreamTrack | null | undefined): void {
    if (track === this.track) return;
    this.track = track ?? undefined;
    this.source?.disconnect();
    this.source = undefined;
    if (!track) return;
    const context = (LevelMeter.context ??= new AudioContext());
    this.analyser ??= context.createAnalyser();
    this.analyser.fftSize = this.samples.length;
    this.source = context.createMediaStreamSource(new MediaStream([track]));
    this.source.connect(this.analyser);
  }

  read(): number {
    if (!this.analyser || !this.source || !this.track?.enabled) return 0;
    // A page that nobody has clicked on yet may not run audio; the first click lets it.
    if (LevelMeter.context?.state === 'suspended') void LevelMeter.context.resume();
    this.analyser.getFloatTimeDomainData(this.samples);
    let squares = 0;
    for (const sample of this.samples) squares += sample * sample;
    return Math.min(1, Math.sqrt(squares / this.samples.length) * 3);
  }
}
