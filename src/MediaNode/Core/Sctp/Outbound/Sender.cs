using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

/// <summary>The sending half of an established association: which DATA and FORWARD TSN go out when (RFC 9260 sections 6 and 7, RFC 3758 section 3.5).</summary>
internal sealed class Sender(RetransmissionTimeout timeout)
{
    private const int MissingReportsForRetransmission = 3;

    private readonly SendQueue _queue = new();
    private readonly OutstandingChunks _outstanding = new();
    private readonly CongestionControl _congestion = new();
    private readonly Dictionary<ushort, ushort> _nextSequenceNumbers = [];
    private Tsn _cumulativeTsn;
    private uint _peerWindow;
    private uint _sackNumber;
    private int _inFlight;
    private int _unsentBytes;
    private int _outstandingBytes;
    private bool _forwardTsnDue;
    private bool _fastRetransmissionDue;
    private Tsn? _timedTsn;

    /// <summary>T3-rtx.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>Bytes that wait to be sent or acknowledged.</summary>
    public int BufferedBytes => _unsentBytes + _outstandingBytes;

    public bool IsIdle => _queue.Count == 0 && _outstanding.Count == 0;

    public bool HasOutstanding => _outstanding.Count > 0;

    public bool PartialReliability { get; set; }

    public Tsn LastTsn => _cumulativeTsn.Plus(_outstanding.Count);

    public int CongestionWindow => _congestion.Window;

    /// <summary>Messages that were given up: too late, or sent again too often.</summary>
    public long Abandoned { get; private set; }

    public void Start(Tsn initialTsn, uint peerWindow)
    {
        _cumulativeTsn = initialTsn.Plus(-1);
        _peerWindow = peerWindow;
    }

    /// <returns>False when the buffer is full: partially reliable messages have only a part of it.</returns>
    public bool TryAdd(OutboundMessage message, bool isReliable)
    {
        var limit = isReliable ? SctpLimits.SendBufferBytes : SctpLimits.UnreliableSendBufferBytes;
        if (BufferedBytes + message.Payload.Length > limit || _queue.Count >= SctpLimits.SendBufferMessages)
            return false;
        _queue.Add(message);
        _unsentBytes += message.Payload.Length;
        return true;
    }

    public bool HasUnsentOf(ushort streamId) => _queue.HasMessagesOf(streamId);

    /// <summary>The peer has agreed to begin the stream anew (RFC 6525).</summary>
    public void ResetStream(ushort streamId) => _nextSequenceNumbers.Remove(streamId);

    public void Clear()
    {
        _queue.Clear();
        while (_outstanding.Count > 0)
            _outstanding.RemoveFirst();
        (_unsentBytes, _outstandingBytes, _inFlight) = (0, 0, 0);
        Deadline = Instant.Never;
    }

    /// <summary>SHUTDOWN acknowledges as a SACK without gaps does, and says nothing about the window.</summary>
    public void HandleShutdown(Tsn cumulativeTsn, Instant now)
    {
        if (cumulativeTsn.IsAfter(_cumulativeTsn) && !cumulativeTsn.IsAfter(LastTsn))
            Acknowledge(cumulativeTsn, now);
        if (_outstanding.Count == 0)
            Deadline = Instant.Never;
    }

    /// <returns>False when it reports what was never sent, or came late: it changes nothing then.</returns>
    public bool TryHandleSack(in SackChunkView sack, Instant now)
    {
        if (sack.CumulativeTsn.IsBefore(_cumulativeTsn) || sack.CumulativeTsn.IsAfter(LastTsn))
            return false;
        var before = _inFlight;
        var isNewer = sack.CumulativeTsn.IsAfter(_cumulativeTsn);
        var acknowledged = isNewer ? Acknowledge(sack.CumulativeTsn, now) : 0;
        acknowledged += AcknowledgeGaps(sack, now, out var highestNew, out var highest);
        if (isNewer)
            _congestion.HandleAcknowledged(_cumulativeTsn, acknowledged, before, _inFlight);
        // RFC 9260 section 7.2.4: what lies before the highest that is newly reported; in recovery, before the highest reported at all.
        CountMissing(_congestion.InFastRecovery && isNewer ? highest : highestNew, now);
        AdvancePastAbandoned();
        _peerWindow = (uint)Math.Max(0, (long)sack.Window - _inFlight);
        _congestion.LimitBurst(_inFlight);
        if (_outstanding.Count == 0)
            Deadline = Instant.Never;
        else if (isNewer || Deadline == Instant.Never)
            Deadline = now + timeout.Value;
        return true;
    }

    /// <summary>T3-rtx ran out (RFC 9260 section 6.3.3): all in flight counts as lost.</summary>
    /// <returns>Whether it had.</returns>
    public bool HandleTimeout(Instant now)
    {
        if (now < Deadline)
            return false;
        timeout.BackOff();
        _congestion.HandleTimeout();
        for (var i = 0; i < _outstanding.Count; i++)
        {
            if (_outstanding[i].State == ChunkState.InFlight)
                HandleLoss(ref _outstanding[i], now);
        }
        AdvancePastAbandoned();
        Deadline = now + timeout.Value;
        return true;
    }

    /// <summary>Fills a packet with what may be sent now; nothing is added when nothing may.</summary>
    /// <param name="writer">The packet.</param>
    /// <param name="mayBegin">New messages may begin too; not while the association shuts down.</param>
    /// <param name="now">The current moment.</param>
    public void Write(ref SctpPacketWriter writer, bool mayBegin, Instant now)
    {
        WriteLost(ref writer, now);
        if (mayBegin)
            WriteNew(ref writer, now);
        // After the chunks, since those may have been given up just now.
        if (_forwardTsnDue && ForwardTsnWriter.TryWrite(ref writer, _outstanding, _cumulativeTsn))
        {
            _forwardTsnDue = false;
            StartTimer(now);
        }
    }

    private void WriteLost(ref SctpPacketWriter writer, Instant now)
    {
        var isWaiting = false;
        var hadRoomFor = writer.Room;
        for (var i = 0; i < _outstanding.Count; i++)
        {
            ref var chunk = ref _outstanding[i];
            if (chunk.State != ChunkState.Lost)
                continue;
            if (chunk.Message.IsExpired(now) && PartialReliability)
            {
                Abandon(chunk.Message);
                AdvancePastAbandoned();
                continue;
            }
            // The first packet of a fast retransmission goes out whatever the window says (RFC 9260 section 7.2.4).
            if ((!_fastRetransmissionDue && _inFlight >= _congestion.Window) || !writer.Fits(SctpWire.DataHeaderBytes + chunk.Length))
            {
                isWaiting = true;
                break;
            }
            if (_timedTsn == TsnOf(i))
                _timedTsn = null;
            Write(ref writer, ref chunk, TsnOf(i), now);
            if (i == 0)
                Deadline = now + timeout.Value;
        }
        if (!isWaiting || writer.Room < hadRoomFor)
            _fastRetransmissionDue = false;
    }

    private void WriteNew(ref SctpPacketWriter writer, Instant now)
    {
        while (_queue.Current is { } message)
        {
            if (PartialReliability && message.IsExpired(now))
            {
                Abandon(message);
                AdvancePastAbandoned();
                continue;
            }
            var length = Math.Min(message.Unsent, SctpLimits.FragmentBytes);
            // One packet may always be in flight, to find out whether a closed window has opened (RFC 9260 section 6.1, rule A).
            var isBlocked = _inFlight > 0 && (_inFlight >= _congestion.Window || length > _peerWindow);
            if (isBlocked || _outstanding.IsFull || !writer.Fits(SctpWire.DataHeaderBytes + length))
                return;
            if (message.Sent == 0 && message.IsOrdered)
                message.StreamSequenceNumber = TakeSequenceNumber(message.StreamId);
            ref var chunk = ref _outstanding.Add();
            chunk.Message = message;
            chunk.Offset = message.Sent;
            chunk.Length = length;
            chunk.IsEnd = length == message.Unsent;
            message.Sent += length;
            _unsentBytes -= length;
            _outstandingBytes += length;
            _peerWindow -= Math.Min(_peerWindow, (uint)length);
            _timedTsn ??= LastTsn;
            Write(ref writer, ref chunk, LastTsn, now);
            StartTimer(now);
            if (chunk.IsEnd)
                _queue.FinishCurrent();
        }
    }

    private void Write(ref SctpPacketWriter writer, ref OutstandingChunk chunk, Tsn tsn, Instant now)
    {
        DataChunkWriter.Write(ref writer, chunk, tsn);
        chunk.State = ChunkState.InFlight;
        chunk.Transmits++;
        chunk.MissingReports = 0;
        chunk.SentAt = now;
        _inFlight += chunk.Length;
    }

    private void StartTimer(Instant now)
    {
        if (Deadline == Instant.Never)
            Deadline = now + timeout.Value;
    }

    private ushort TakeSequenceNumber(ushort streamId)
    {
        var number = _nextSequenceNumbers.GetValueOrDefault(streamId);
        _nextSequenceNumbers[streamId] = (ushort)(number + 1);
        return number;
    }

    private Tsn TsnOf(int index) => _cumulativeTsn.Plus(index + 1);

    /// <returns>Bytes that are acknowledged for the first time.</returns>
    private int Acknowledge(Tsn cumulativeTsn, Instant now)
    {
        var acknowledged = 0;
        while (_cumulativeTsn.IsBefore(cumulativeTsn))
        {
            ref var chunk = ref _outstanding[0];
            if (chunk.State is ChunkState.InFlight or ChunkState.Lost)
                acknowledged += chunk.Length;
            Measure(TsnOf(0), chunk, now);
            if (chunk.State == ChunkState.InFlight)
                _inFlight -= chunk.Length;
            _outstandingBytes -= chunk.Length;
            _outstanding.RemoveFirst();
            _cumulativeTsn = _cumulativeTsn.Next;
        }
        return acknowledged;
    }

    /// <returns>Bytes that are acknowledged for the first time.</returns>
    private int AcknowledgeGaps(in SackChunkView sack, Instant now, out int highestNew, out int highest)
    {
        var acknowledged = 0;
        (highestNew, highest) = (-1, -1);
        _sackNumber++;
        for (var block = 0; block < sack.GapBlockCount; block++)
        {
            var (start, end) = sack.GapBlock(block);
            // Blocks that do not rise would have the same chunks gone over again and again.
            if (start - 1 <= highest || end < start)
                break;
            for (var i = start - 1; i < end && i < _outstanding.Count; i++)
            {
                ref var chunk = ref _outstanding[i];
                highest = i;
                chunk.ReportedBy = _sackNumber;
                if (chunk.State is not (ChunkState.InFlight or ChunkState.Lost))
                    continue;
                Measure(TsnOf(i), chunk, now);
                if (chunk.State == ChunkState.InFlight)
                    _inFlight -= chunk.Length;
                chunk.State = ChunkState.Acknowledged;
                acknowledged += chunk.Length;
                highestNew = i;
            }
        }
        TakeBackReneged();
        return acknowledged;
    }

    private void TakeBackReneged()
    {
        for (var i = 0; i < _outstanding.Count; i++)
        {
            ref var chunk = ref _outstanding[i];
            if (chunk.State != ChunkState.Acknowledged || chunk.ReportedBy == _sackNumber)
                continue;
            chunk.State = ChunkState.InFlight;
            _inFlight += chunk.Length;
        }
    }

    private void CountMissing(int beforeIndex, Instant now)
    {
        for (var i = 0; i < beforeIndex; i++)
        {
            ref var chunk = ref _outstanding[i];
            if (chunk.State != ChunkState.InFlight || ++chunk.MissingReports < MissingReportsForRetransmission || chunk.WasFastRetransmitted)
                continue;
            chunk.WasFastRetransmitted = true;
            _congestion.HandleLoss(LastTsn);
            _fastRetransmissionDue = true;
            HandleLoss(ref chunk, now);
        }
    }

    private void HandleLoss(ref OutstandingChunk chunk, Instant now)
    {
        chunk.State = ChunkState.Lost;
        chunk.MissingReports = 0;
        _inFlight -= chunk.Length;
        if (PartialReliability && (chunk.Message.IsExpired(now) || !chunk.Message.MayBeSentAgain(chunk.Transmits)))
            Abandon(chunk.Message);
    }

    /// <summary>
    /// Gives a message up with all its fragments. One that has not gone out entirely gets one more TSN, never sent, so that there is one to
    /// forward past even when the peer has all before it: it holds the beginning, and waits for the end.
    /// </summary>
    private void Abandon(OutboundMessage message)
    {
        Abandoned++;
        message.IsAbandoned = true;
        _unsentBytes -= message.Unsent;
        for (var i = 0; i < _outstanding.Count; i++)
        {
            ref var chunk = ref _outstanding[i];
            if (chunk.Message != message || chunk.State == ChunkState.Abandoned)
                continue;
            if (chunk.State == ChunkState.InFlight)
                _inFlight -= chunk.Length;
            chunk.State = ChunkState.Abandoned;
        }
        if (_queue.Current != message)
            return;
        if (message.Sent > 0)
        {
            ref var end = ref _outstanding.Add();
            end.Message = message;
            end.State = ChunkState.Abandoned;
        }
        _queue.FinishCurrent();
    }

    /// <summary>RFC 3758 section 3.5, rules C1 to C3.</summary>
    private void AdvancePastAbandoned() => _forwardTsnDue = _outstanding.Count > 0 && _outstanding[0].State == ChunkState.Abandoned;

    private void Measure(Tsn tsn, in OutstandingChunk chunk, Instant now)
    {
        if (_timedTsn is not { } timed || timed.IsAfter(tsn))
            return;
        if (timed == tsn && chunk is { Transmits: 1, State: not ChunkState.Abandoned })
            timeout.Measure(now - chunk.SentAt);
        _timedTsn = null;
    }
}
