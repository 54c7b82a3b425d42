using MediaNode.Core.Rtcp;

namespace MediaNode.Core.Forwarding;

/// <summary>What a subscriber's receiver reports say of one stream, from one report to the next.</summary>
internal struct ReportedReception
{
    /// <summary>Packets between two reports at the most; more is a restart, or a lie.</summary>
    private const int LargestStep = 1 << 16;

    private int _lost;
    private uint _highest;
    private bool _isStarted;

    /// <returns>Packets that the subscriber should have got since the report before, and those it lost of them.</returns>
    public (int Expected, int Lost) Take(in ReportBlock block)
    {
        var expected = _isStarted ? block.HighestSequenceNumber - _highest : 0;
        var lost = block.CumulativeLost - (_isStarted ? _lost : 0);
        _lost = block.CumulativeLost;
        _highest = block.HighestSequenceNumber;
        _isStarted = true;
        // Negative when repeated packets made good for lost ones.
        return expected <= LargestStep ? ((int)expected, Math.Max(lost, 0)) : (0, 0);
    }
}
