using MediaNode.Core.Rtcp;

namespace MediaNode.Core.Forwarding;

/// <summary>What a subscriber's receiver reports say of one stream, from one report to the next.</summary>
internal struct ReportedReception
{
    /// <summary>Packets between two reports at the most; more is a restart, or a lie.</summary>
    private const int LargestStep = 1 << 16;

    private int _lost;
    private uint _highest;
    private int _neverSent;
    private bool _isStarted;

    /// <summary>A number was given to a packet that then was not sent: the subscriber will count it as lost, wrongly.</summary>
    public void HandleNeverSent() => _neverSent++;

    /// <returns>Packets that the subscriber should have got since the report before, and those it lost of them.</returns>
    public (int Expected, int Lost) Take(in ReportBlock block)
    {
        var expected = _isStarted ? block.HighestSequenceNumber - _highest : 0;
        var lost = block.CumulativeLost - (_isStarted ? _lost : 0);
        var excused = Math.Clamp(lost, 0, _neverSent);
        _neverSent -= excused;
        _lost = block.CumulativeLost;
        _highest = block.HighestSequenceNumber;
        _isStarted = true;
        // Negative when repeated packets made good for lost ones.
        return expected <= LargestStep ? (Math.Max((int)expected - excused, 0), Math.Max(lost - excused, 0)) : (0, 0);
    }
}
