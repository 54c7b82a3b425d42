namespace MediaNode.Core.Rtp;

/// <summary>Gives the blocks of redundant audio the payload type that its receiver was told, in place. Lengths stay as they are.</summary>
/// <param name="payload">The payload, or a copy of it.</param>
/// <param name="view">What <see cref="RedundantPayload.TryParse"/> made of it: so far is known where headers are.</param>
public readonly ref struct RedundantPayloadEditor(Span<byte> payload, in RedundantPayload view)
{
    private readonly Span<byte> _payload = payload;
    private readonly int _redundantCount = view.RedundantCount;

    /// <param name="payloadType">Of every block.</param>
    public void SetPayloadType(PayloadType payloadType)
    {
        for (var i = 0; i < _redundantCount; i++)
            _payload[i * RedundantPayload.HeaderSize] = (byte)(RedundantPayload.FollowBit | payloadType.Value);
        _payload[_redundantCount * RedundantPayload.HeaderSize] = payloadType.Value;
    }
}
