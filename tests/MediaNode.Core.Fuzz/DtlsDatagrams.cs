using MediaNode.Core.Dtls;
using MediaNode.Core.Time;

namespace MediaNode.Core.Fuzz;

/// <summary>Gives a datagram to the two ends of a handshake that has just begun.</summary>
internal static class DtlsDatagrams
{
    private static readonly Instant Now = Instant.FromSeconds(1);
    private static readonly DtlsContext Context = new(DtlsCertificate.CreateSelfSigned()) { UsesRealClock = false };

    public static void Attack(ReadOnlySpan<byte> data)
    {
        Handle(DtlsRole.Server, data);
        Handle(DtlsRole.Client, data);
    }

    private static void Handle(DtlsRole role, ReadOnlySpan<byte> data)
    {
        using var transport = new DtlsTransport(Context, role, [], Now);
        if (role == DtlsRole.Client)
            transport.Start(Now);
        transport.HandleDatagram(data, Now);
        transport.HandleTimeout(Now + TimeSpan.FromSeconds(1));
        var buffer = new byte[1500];
        var sent = 0;
        while (transport.TryTakeTransmit(buffer, out _))
            Assert.InRange(++sent, 1, 20);
        Assert.NotEqual(DtlsState.Connected, transport.State);
        Assert.False(transport.TryTakeApplicationData(buffer, out _));
    }
}
