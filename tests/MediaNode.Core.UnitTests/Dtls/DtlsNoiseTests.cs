using MediaNode.Core.Dtls;

namespace MediaNode.Core.UnitTests.Dtls;

public sealed class DtlsNoiseTests
{
    private const byte Alert = 21;
    private const byte ApplicationData = 23;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_datagrams_between_those_of_the_handshake_do_not_break_it(int seed)
    {
        var random = new Random(seed);
        using var pair = new DtlsPair { Rewrite = (_, datagram) => [Noise(random), datagram, Noise(random), Truncated(datagram, random)] };

        pair.Connect();
    }

    [Fact]
    public void Application_data_in_the_clear_is_dropped()
    {
        using var pair = new DtlsPair { Rewrite = (_, datagram) => [Record(ApplicationData, epoch: 0, "clear"u8), datagram] };

        pair.Connect();
        pair.Server.HandleDatagram(Record(ApplicationData, epoch: 0, "clear"u8), pair.Now);

        Assert.False(pair.Server.TryTakeApplicationData(new byte[2048], out _));
        Assert.True(pair.BothConnected);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void Forged_records_after_the_handshake_change_nothing(byte type)
    {
        var random = new Random(type);
        using var pair = new DtlsPair();
        pair.Connect();

        for (var i = 0; i < 500; i++)
        {
            var body = new byte[random.Next(100)];
            random.NextBytes(body);
            pair.Server.HandleDatagram(Record(type, epoch: (ushort)random.Next(3), body), pair.Now);
            pair.Client.HandleDatagram(Record(type, epoch: (ushort)random.Next(3), body), pair.Now);
        }

        Assert.True(pair.BothConnected);
        Assert.True(pair.Client.TrySendApplicationData("still here"u8));
        pair.Drain();
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.True(pair.Server.TryTakeApplicationData(new byte[2048], out _));
    }

    [Fact]
    public void Second_client_hello_after_the_handshake_changes_nothing()
    {
        using var pair = new DtlsPair();
        pair.Connect();

        pair.Server.HandleDatagram(pair.Sent[0], pair.Now);
        pair.Drain();
        pair.Run(TimeSpan.FromSeconds(5));

        Assert.True(pair.BothConnected);
    }

    [Fact]
    public void Fatal_alert_during_the_handshake_fails_it()
    {
        using var pair = new DtlsPair();
        pair.Client.Start(pair.Now);

        pair.Client.HandleDatagram(Record(Alert, epoch: 0, [2, 40]), pair.Now); // fatal, handshake_failure

        Assert.Equal((DtlsState.Failed, DtlsFailure.Alert), (pair.Client.State, pair.Client.Failure));
    }

    [Fact]
    public void Endless_handshake_is_cut_off()
    {
        using var pair = new DtlsPair();
        pair.Start();
        var fragment = HandshakeFragments.Split(pair.Sent[0], maxFragmentBytes: 20)[0];

        for (var i = 0; i <= DtlsTransport.MaxHandshakeDatagrams; i++)
            pair.Server.HandleDatagram(fragment, pair.Now);

        Assert.Equal((DtlsState.Failed, DtlsFailure.TooManyDatagrams), (pair.Server.State, pair.Server.Failure));
    }

    [Fact]
    public void Datagrams_of_every_length_never_throw()
    {
        var random = new Random(7);
        using var pair = new DtlsPair();
        pair.Start();

        for (var length = 0; length < 2500; length++)
        {
            var datagram = new byte[length];
            random.NextBytes(datagram);
            pair.Server.HandleDatagram(datagram, pair.Now);
        }

        pair.Run(TimeSpan.FromSeconds(5));
        Assert.True(pair.BothConnected);
    }

    private static byte[] Noise(Random random)
    {
        var noise = new byte[random.Next(1, 300)];
        random.NextBytes(noise);
        return noise;
    }

    private static byte[] Truncated(byte[] datagram, Random random) => datagram[..random.Next(1, Math.Min(datagram.Length, 13))];

    private static byte[] Record(byte type, ushort epoch, ReadOnlySpan<byte> body) =>
        [type, 0xFE, 0xFD, (byte)(epoch >> 8), (byte)epoch, 0, 0, 0, 0, 1, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body];
}
