using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>
/// Bitrate and frame rate of each layer of one encoding, over the last second in steps of a quarter. Without key frames that were asked for, of which a screen's may be as large as a
/// minute of what follows it: else each newcomer's would have everybody's layers changed for a second. What they take of a path is the pacer's business.
/// </summary>
internal sealed class LayerMeter
{
    private const int Layers = Layer.MaximumSpatial * Layer.MaximumTemporal;
    private const int Steps = 4;
    private const long StepNanoseconds = 250_000_000;

    private readonly int[] _bytes = new int[Layers * Steps];
    private readonly int[] _frames = new int[Layers * Steps];
    private readonly int[] _bytesSum = new int[Layers];
    private readonly int[] _framesSum = new int[Layers];
    private long _step = -1;
    private long _firstStep = -1;
    private long _begunStep;
    private long _lastStep;
    private int _total;

    /// <summary>What comes has come for as long as the window is: before, it looks cheaper than it is.</summary>
    public bool IsSettled(Instant now)
    {
        Advance(now);
        return _step - _begunStep >= Steps;
    }

    /// <summary>Nothing came for a quarter of the window.</summary>
    public bool IsSilent(Instant now)
    {
        Advance(now);
        return _step - _lastStep > 1;
    }

    /// <summary>Highest temporal layer that came within the window.</summary>
    public byte HighestTemporal(byte spatial)
    {
        for (var temporal = Layer.MaximumTemporal - 1; temporal > 0; temporal--)
        {
            if (_bytesSum[Index(spatial, (byte)temporal)] > 0)
                return (byte)temporal;
        }
        return 0;
    }

    /// <summary>Highest spatial layer that came within the window.</summary>
    public byte HighestSpatial
    {
        get
        {
            for (var index = Layers - 1; index > 0; index--)
            {
                if (_bytesSum[index] > 0)
                    return (byte)(index / Layer.MaximumTemporal);
            }
            return 0;
        }
    }

    /// <param name="layer">The packet's.</param>
    /// <param name="bytes">Its length; 1 for a part of a key frame that was asked for: the layer is there, and costs nothing.</param>
    /// <param name="isNewFrame">The first packet of a frame.</param>
    /// <param name="now">The current moment.</param>
    public void Add(in PacketLayer layer, int bytes, bool isNewFrame, Instant now)
    {
        Advance(now);
        if (_total == 0)
            _begunStep = _step;
        _total += bytes;
        _lastStep = _step;
        var index = Index(layer.Spatial, layer.Temporal);
        var slot = (int)(_step % Steps) * Layers + index;
        _bytes[slot] += bytes;
        _bytesSum[index] += bytes;
        if (!isNewFrame)
            return;
        _frames[slot]++;
        _framesSum[index]++;
    }

    /// <summary>Of one layer and all below it. In the first second a projection from what has come so far.</summary>
    public Bitrate BitrateUpTo(byte spatial, byte temporal, Instant now)
    {
        Advance(now);
        return new(Sum(_bytesSum, spatial, temporal) * 8L * 1_000_000 / WindowMicroseconds(now));
    }

    /// <summary>Frames a second of one spatial layer in all temporal layers up to this one.</summary>
    public double FrameRateUpTo(byte spatial, byte temporal, Instant now)
    {
        Advance(now);
        var frames = 0;
        for (var t = 0; t <= LastTemporal(temporal); t++)
            frames += _framesSum[Index(spatial, (byte)t)];
        return frames * 1e6 / WindowMicroseconds(now);
    }

    private static int Index(byte spatial, byte temporal) =>
        LastSpatial(spatial) * Layer.MaximumTemporal + LastTemporal(temporal);

    private static int LastSpatial(byte spatial) => Math.Min((int)spatial, Layer.MaximumSpatial - 1);

    private static int LastTemporal(byte temporal) => Math.Min((int)temporal, Layer.MaximumTemporal - 1);

    private static long Sum(int[] values, byte spatial, byte temporal)
    {
        var sum = 0L;
        for (var s = 0; s <= LastSpatial(spatial); s++)
        {
            for (var t = 0; t <= LastTemporal(temporal); t++)
                sum += values[s * Layer.MaximumTemporal + t];
        }
        return sum;
    }

    /// <summary>What the sums cover: three whole steps and the one that runs.</summary>
    private long WindowMicroseconds(Instant now)
    {
        var begin = Math.Max(_firstStep, _step - (Steps - 1)) * StepNanoseconds;
        return Math.Max((now.Nanoseconds - begin) / 1000, StepNanoseconds / 1000);
    }

    private void Advance(Instant now)
    {
        var step = now.Nanoseconds / StepNanoseconds;
        if (step == _step)
            return;
        if (_firstStep < 0)
            _firstStep = step;
        for (var next = Math.Max(_step + 1, step - Steps + 1); next <= step; next++)
            Clear((int)(next % Steps) * Layers);
        _step = Math.Max(step, _step);
    }

    private void Clear(int from)
    {
        for (var i = 0; i < Layers; i++)
        {
            _total -= _bytes[from + i];
            _bytesSum[i] -= _bytes[from + i];
            _framesSum[i] -= _frames[from + i];
            _bytes[from + i] = 0;
            _frames[from + i] = 0;
        }
    }
}
