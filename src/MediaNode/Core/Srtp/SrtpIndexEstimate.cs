namespace MediaNode.Core.Srtp;

/// <summary>Guesses the 48-bit index of a packet from its 16-bit sequence number (RFC 3711 section 3.3.1 and appendix A).</summary>
internal static class SrtpIndexEstimate
{
    private const int HalfRange = 1 << 15;
    private const ulong MaxRolloverCounter = uint.MaxValue;

    /// <summary>The index closest to <paramref name="highest"/>, the highest one authenticated of this source.</summary>
    internal static SrtpFailure TryEstimate(ulong highest, ushort sequenceNumber, out ulong index)
    {
        var rolloverCounter = highest >> 16;
        var difference = sequenceNumber - (ushort)highest;
        index = 0;
        if (difference > HalfRange)
        {
            // From before the last wrap. Before the first wrap there was nothing.
            if (rolloverCounter == 0)
                return SrtpFailure.TooOld;
            rolloverCounter--;
        }
        else if (difference < -HalfRange)
        {
            if (rolloverCounter == MaxRolloverCounter)
                return SrtpFailure.KeyExhausted;
            rolloverCounter++;
        }

        index = (rolloverCounter << 16) | sequenceNumber;
        return SrtpFailure.None;
    }
}
