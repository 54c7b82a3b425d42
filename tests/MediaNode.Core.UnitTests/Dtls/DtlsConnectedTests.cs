using System.Text;
using MediaNode.Core.Dtls;

namespace MediaNode.Core.UnitTests.Dtls;

public sealed class DtlsConnectedTests
{
    private readonly byte[] buffer = new byte[2048];

    [Fact]
    public void Application_data_goes_both_ways()
    {
        using var pair = new DtlsPair();
        pair.Connect();

        Assert.True(pair.Client.TrySendApplicationData("to server"u8));
        Assert.True(pair.Server.TrySendApplicationData("to client"u8));
        Assert.True(pair.Server.TrySendApplicationData("again"u8));
        Settle(pair);

        Assert.Equal("to server", Take(pair.Server));
        Assert.Equal("to client", Take(pair.Client));
        Assert.Equal("again", Take(pair.Client));
        Assert.Null(Take(pair.Client));
    }

    [Fact]
    public void Largest_message_fits_one_datagram_and_a_larger_one_is_refused()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        var largest = new byte[DtlsTransport.MaxApplicationBytes];

        Assert.False(pair.Client.TrySendApplicationData(new byte[largest.Length + 1]));
        Assert.True(pair.Client.TrySendApplicationData(largest));
        Settle(pair);

        Assert.True(pair.Server.TryTakeApplicationData(buffer, out var length));
        Assert.Equal(largest.Length, length);
        Assert.Equal(1200, pair.Sent[^1].Length);
    }

    [Fact]
    public void No_application_data_is_sent_before_the_handshake()
    {
        using var pair = new DtlsPair();

        Assert.False(pair.Client.TrySendApplicationData("early"u8));
        Assert.False(pair.Client.TryTakeApplicationData(buffer, out _));
    }

    [Fact]
    public void Messages_that_nobody_takes_are_bounded()
    {
        using var pair = new DtlsPair();
        pair.Connect();

        for (var i = 0; i < DtlsTransport.MaxApplicationMessages + 50; i++)
        {
            Assert.True(pair.Client.TrySendApplicationData("flood"u8));
            Settle(pair);
        }

        var taken = 0;
        while (Take(pair.Server) is not null)
            taken++;
        Assert.Equal(DtlsTransport.MaxApplicationMessages, taken);
    }

    [Fact]
    public void Close_tells_the_peer()
    {
        using var pair = new DtlsPair();
        pair.Connect();

        pair.Client.Close();
        Settle(pair);

        Assert.Equal((DtlsState.Closed, DtlsFailure.None), (pair.Client.State, pair.Client.Failure));
        Assert.Equal((DtlsState.Closed, DtlsFailure.None), (pair.Server.State, pair.Server.Failure));
        Assert.False(pair.Server.TrySendApplicationData("late"u8));
        Assert.Throws<InvalidOperationException>(() => pair.Server.CreateSrtp());
    }

    [Fact]
    public void Final_flight_is_repeated_for_old_records_but_throttled()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        var clientFlight = pair.Sent[2];
        var before = pair.Sent.Count;

        for (var i = 0; i < 50; i++)
        {
            pair.Server.HandleDatagram(clientFlight, pair.Now);
            pair.Drain();
        }

        Assert.Equal(before + 1, pair.Sent.Count);
        for (var i = 0; i < 50; i++)
        {
            pair.Advance(TimeSpan.FromMilliseconds(100));
            pair.Server.HandleDatagram(clientFlight, pair.Now);
            pair.Drain();
        }

        Assert.Equal(before + 16, pair.Sent.Count);
        Assert.True(pair.BothConnected);
    }

    [Fact]
    public void Replayed_application_record_is_delivered_once()
    {
        using var pair = new DtlsPair();
        pair.Connect();
        Assert.True(pair.Client.TrySendApplicationData("once"u8));
        Settle(pair);

        pair.Server.HandleDatagram(pair.Sent[^1], pair.Now);

        Assert.Equal("once", Take(pair.Server));
        Assert.Null(Take(pair.Server));
    }

    private static void Settle(DtlsPair pair)
    {
        pair.Drain();
        pair.Run(TimeSpan.FromSeconds(1));
    }

    private string? Take(DtlsTransport transport) =>
        transport.TryTakeApplicationData(buffer, out var length) ? Encoding.UTF8.GetString(buffer, 0, length) : null;
}
