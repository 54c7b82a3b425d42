namespace MediaNode.Core.Sctp;

/// <summary>A whole message from the peer.</summary>
internal readonly record struct ReceivedMessage(ushort StreamId, uint PayloadProtocol, ReadOnlyMemory<byte> Payload);
