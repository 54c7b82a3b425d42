using System.Buffers.Binary;
using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

/// <summary>
/// Beginning streams anew (RFC 6525), which is how data channels close (RFC 8831 section 6.7): our requests, one at a time, and the answers to the
/// peer's. Requests other than an outgoing reset are denied; browsers send none.
/// </summary>
internal sealed class StreamResets(Tsn localInitialTsn, Tsn peerInitialTsn, RetransmissionTimeout timeout)
{
    private readonly List<ushort> _waiting = [];
    private readonly List<ushort> _requested = [];
    private uint _nextRequest = localInitialTsn.Value;
    private uint _lastPeerRequest = peerInitialTsn.Value - 1;
    private ReconfigResult _lastResult;
    private byte[]? _request;

    /// <summary>When our request is repeated.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>Asks for a stream to be begun anew, once nothing of it waits to be sent any more.</summary>
    public void Add(ushort streamId)
    {
        if (!_waiting.Contains(streamId) && !_requested.Contains(streamId))
            _waiting.Add(streamId);
    }

    /// <summary>The next request, when one can be made.</summary>
    public byte[]? TakeRequest(Sender sender, Instant now)
    {
        if (_request is not null || _waiting.Count == 0)
            return null;
        for (var i = 0; i < _waiting.Count && _requested.Count < SctpLimits.StreamsPerReset; i++)
        {
            if (!sender.HasUnsentOf(_waiting[i]))
                _requested.Add(_waiting[i]);
        }
        if (_requested.Count == 0)
            return null;
        _waiting.RemoveAll(_requested.Contains);
        _request = WriteRequest(sender.LastTsn);
        Deadline = now + timeout.Value;
        return _request;
    }

    /// <returns>The request again, when it is time.</returns>
    public byte[]? HandleTimeout(Instant now)
    {
        if (now < Deadline)
            return null;
        timeout.BackOff();
        Deadline = now + timeout.Value;
        return _request;
    }

    /// <summary>An answer to our request.</summary>
    /// <returns>The streams that are done with; empty when the answer is to something else, or the peer is not done yet.</returns>
    public IReadOnlyList<ushort> HandleResponse(in ReconfigResponseView response, Instant now)
    {
        if (_request is null || response.RequestNumber != _nextRequest)
            return [];
        if (response.Result == ReconfigResult.InProgress)
        {
            Deadline = now + timeout.Value;
            return [];
        }
        ushort[] done = [.. _requested];
        _requested.Clear();
        _request = null;
        _nextRequest++;
        Deadline = Instant.Never;
        return done;
    }

    /// <summary>The peer's request. It is performed once all DATA before it is here; until then the peer repeats it.</summary>
    /// <param name="reset">The request.</param>
    /// <param name="cumulativeTsn">What is here.</param>
    /// <param name="isDue">The streams are to be begun anew now.</param>
    /// <returns>The answer.</returns>
    public byte[] HandleRequest(in OutgoingResetView reset, Tsn cumulativeTsn, out bool isDue)
    {
        isDue = false;
        var isNext = reset.RequestNumber == _lastPeerRequest + 1;
        var isRepeated = reset.RequestNumber == _lastPeerRequest;
        if (!isNext && !isRepeated)
            return WriteResponse(reset.RequestNumber, ReconfigResult.BadSequenceNumber);
        if (isRepeated && _lastResult != ReconfigResult.InProgress)
            return WriteResponse(reset.RequestNumber, _lastResult);
        isDue = !reset.LastTsn.IsAfter(cumulativeTsn);
        _lastPeerRequest = reset.RequestNumber;
        _lastResult = isDue ? ReconfigResult.Performed : ReconfigResult.InProgress;
        return WriteResponse(reset.RequestNumber, _lastResult);
    }

    /// <summary>Any other request.</summary>
    public byte[] Deny(uint requestNumber)
    {
        if (requestNumber == _lastPeerRequest + 1)
            (_lastPeerRequest, _lastResult) = (requestNumber, ReconfigResult.Denied);
        return WriteResponse(requestNumber, ReconfigResult.Denied);
    }

    private static byte[] WriteResponse(uint requestNumber, ReconfigResult result)
    {
        var writer = new ChunkWriter(stackalloc byte[16], ChunkType.Reconfig);
        var value = writer.AddParameter(ParameterType.ReconfigResponse, 8);
        BinaryPrimitives.WriteUInt32BigEndian(value, requestNumber);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], (uint)result);
        return writer.Finish();
    }

    private byte[] WriteRequest(Tsn lastTsn)
    {
        var writer = new ChunkWriter(stackalloc byte[SctpLimits.ControlChunkBytes], ChunkType.Reconfig);
        var value = writer.AddParameter(ParameterType.OutgoingReset, 12 + sizeof(ushort) * _requested.Count);
        BinaryPrimitives.WriteUInt32BigEndian(value, _nextRequest);
        // Only an answer to an incoming reset request, which is never made, names one here (RFC 6525 section 4.1).
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], _lastPeerRequest);
        BinaryPrimitives.WriteUInt32BigEndian(value[8..], lastTsn.Value);
        for (var i = 0; i < _requested.Count; i++)
            BinaryPrimitives.WriteUInt16BigEndian(value[(12 + sizeof(ushort) * i)..], _requested[i]);
        return writer.Finish();
    }
}
