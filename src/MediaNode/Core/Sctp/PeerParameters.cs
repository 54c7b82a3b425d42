namespace MediaNode.Core.Sctp;

/// <summary>What the peer's INIT or INIT ACK says.</summary>
internal readonly record struct PeerParameters(uint Tag, uint Window, ushort OutboundStreams, ushort InboundStreams, Tsn InitialTsn, bool PartialReliability, bool StreamReset)
{
    public static PeerParameters Read(in InitChunkView init)
    {
        var (partialReliability, streamReset) = (false, false);
        foreach (var parameter in init.Parameters)
        {
            if (parameter.Type == ParameterType.ForwardTsnSupported)
                partialReliability = true;
            else if (parameter.Type == ParameterType.SupportedExtensions)
                streamReset |= parameter.Value.Contains((byte)ChunkType.Reconfig);
        }
        return new(init.InitiateTag, init.Window, init.OutboundStreams, init.InboundStreams, init.InitialTsn, partialReliability, streamReset);
    }
}
