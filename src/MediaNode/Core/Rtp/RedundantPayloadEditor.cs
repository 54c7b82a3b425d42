namespace MediaNode.Core.Rtp;

/// <summary>Gives the blocks of redundant audio the payload type that its receiver was told. Lengths stay as they are.</summary>
public static class RedundantPayloadEditor
{
    /// <param name="payload">One that <see cref="RedundantPayload"/> took; changed in place.</param>
    /// <param name="payloadType">Of every block.</param>
    public static void SetPayloadType(Span<byte> payload, PayloadType payloadType)
    {
        var offset = 0;
        // Ends: the payload was parsed, so a header without the F bit follows within a few steps.
        while ((payload[offset] & RedundantPayload.FollowBit) != 0)
        {
            payload[offset] = (byte)(RedundantPayload.FollowBit | payloadType.Value);
            offset += RedundantPayload.HeaderSize;
        }
        payload[offset] = payloadType.Value;
    }
}
