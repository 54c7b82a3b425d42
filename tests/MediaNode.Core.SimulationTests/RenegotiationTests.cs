using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.SimulationTests.Scenarios;

namespace MediaNode.Core.SimulationTests;

/// <summary>Without RTX a packet is sent again under its own SRTP index, so every byte of it must be what it was.</summary>
public sealed class RenegotiationTests
{
    [Fact]
    public void Packet_that_is_missed_is_repeated_byte_by_byte()
    {
        using var call = new CallWithoutRetransmissions();
        var missed = call.SendFrames(5);

        call.Nack(missed);

        Assert.True(call.Repeated > 0, "nothing was repeated");
    }

    [Fact]
    public void Packet_from_before_a_renegotiation_is_not_repeated_since_its_header_would_differ()
    {
        using var call = new CallWithoutRetransmissions();
        var before = call.SendFrames(5);

        call.AnswerAgainWithoutSendTimes();
        call.Nack(before);

        Assert.Equal(0, call.Repeated);
        Assert.True(call.NotInHistory > 0, "nobody counted what was not repeated");

        call.Nack(call.SendFrames(5));
        Assert.True(call.Repeated > 0, "what was sent after the renegotiation is repeated");
    }

    /// <summary>One publisher and a subscriber that asks for packets again, but has no RTX. Everything that goes out is audited: one index, one packet.</summary>
    private sealed class CallWithoutRetransmissions : IDisposable
    {
        private readonly Conference _conference = new(seed: 1);
        private readonly WireAudit _audit = new();
        private readonly SimulatedPublisher _publisher;
        private readonly MeasuringSubscriber _subscriber;

        public CallWithoutRetransmissions()
        {
            _publisher = ForwardingTests.Connect(_conference, 1);
            _conference.Join(2);
            _subscriber = new(_conference, 2, [1], FeedbackKind.ReceiverEstimate, withRetransmission: false);
            _audit.Know(_publisher.Address, _publisher.Client);
            _audit.Know(_subscriber.Address, _subscriber.Client);
            _conference.Network.Filter = (from, to, datagram) =>
            {
                if (from == Conference.ServerAddress)
                    _audit.Look(to, datagram);
                return true;
            };
            Send();
        }

        public int Repeated => _audit.Find(_subscriber.Client, Video.Ssrc)!.Repeated;

        public long NotInHistory => _conference.Engine.Drops[DropReason.NackNotInHistory];

        private MeasuringSubscriber.Stream Video => _subscriber.Video.Single();

        /// <returns>Sequence numbers of video that went out meanwhile.</returns>
        public ushort[] SendFrames(int count)
        {
            var before = Video.Report().HighestSequenceNumber;
            for (var frame = 0; frame < count; frame++)
                Send();
            var after = Video.Report().HighestSequenceNumber;
            return [.. Enumerable.Range(1, (int)(after - before)).Select(step => (ushort)(before + step))];
        }

        public void Nack(ushort[] sequenceNumbers)
        {
            Span<byte> buffer = stackalloc byte[TransmitBatch.MaximumControl];
            var writer = new RtcpWriter(buffer);
            writer.WriteNack(new(new(9), Video.Ssrc), sequenceNumbers);
            _subscriber.SendControl(buffer[..writer.Length]);
            _conference.Run(TimeSpan.FromMilliseconds(100));
        }

        /// <summary>Packets that follow have a header extension less.</summary>
        public void AnswerAgainWithoutSendTimes()
        {
            var offer = Conference.Value(_conference.Engine.UpdateSubscription(
                Conference.RoomId, Conference.Epoch, _subscriber.PeerId, [], [], restartsIce: true, _conference.Now)).SdpOffer!;
            var lines = offer.Split("\r\n").Where(line =>
                !line.Contains(" rtx/", StringComparison.Ordinal) && !line.Contains(" apt=", StringComparison.Ordinal)
                && !line.EndsWith(" transport-cc", StringComparison.Ordinal) && !line.Contains(HeaderExtensionUri.TransportSequenceNumber, StringComparison.Ordinal)
                && !line.Contains(HeaderExtensionUri.AbsSendTime, StringComparison.Ordinal));
            var answer = _subscriber.Client.AnswerOffer(string.Join("\r\n", lines), _conference.Now);
            Conference.Value(_conference.Engine.Answer(Conference.RoomId, Conference.Epoch, _subscriber.PeerId, answer, _conference.Now));
            _conference.Run(TimeSpan.FromSeconds(1));
        }

        public void Dispose() => _conference.Dispose();

        private void Send()
        {
            _publisher.SendFrame();
            _conference.Run(TimeSpan.FromMilliseconds(20));
        }
    }
}
