using MediaNode.Core.Dtls;
using MediaNode.Core.Srtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Dtls;

public sealed class DtlsHandshakeTests
{
    /// <summary>A handshake without loss: hello, server flight, client flight, final flight.</summary>
    private const int CleanHandshakeDatagrams = 4;

    [Fact]
    public void Client_and_server_connect_without_loss_in_two_round_trips()
    {
        using var pair = new DtlsPair();
        var start = pair.Now;

        pair.Connect();

        Assert.Equal(TimeSpan.FromMilliseconds(80), pair.Now - start);
        Assert.Equal(CleanHandshakeDatagrams, pair.Sent.Count);
        Assert.Equal(SrtpProfile.AeadAes128Gcm, pair.Client.Profile);
        Assert.Equal(SrtpProfile.AeadAes128Gcm, pair.Server.Profile);
        Assert.Equal(Instant.Never, pair.Client.NextTimeout);
        Assert.Equal(Instant.Never, pair.Server.NextTimeout);
        AssertSrtpWorks(pair);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_single_lost_datagram_is_sent_again_after_the_first_timeout(int lost)
    {
        using var pair = new DtlsPair { Network = (number, _) => number == lost ? [] : [TimeSpan.Zero] };
        var start = pair.Now;

        pair.Connect();

        Assert.InRange(pair.Now - start, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200));
    }

    /// <summary>Here virtual time stands still while OpenSSL's own timer runs out.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Thread_that_stands_still_repeats_a_flight_and_loses_none(int datagram)
    {
        var count = 0;
        using var pair = new DtlsPair
        {
            Rewrite = (_, bytes) =>
            {
                if (count++ == datagram)
                    Thread.Sleep(TimeSpan.FromMilliseconds(150));
                return [bytes];
            },
        };
        pair.Start();

        pair.Run(TimeSpan.FromMilliseconds(90));

        Assert.True(pair.BothConnected, $"client {pair.Client.State}, server {pair.Server.State}");
        AssertSrtpWorks(pair);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public void Handshake_completes_with_thirty_percent_loss(int seed)
    {
        var random = new Random(seed);
        using var pair = new DtlsPair { Network = (_, _) => random.NextDouble() < 0.3 ? [] : [TimeSpan.Zero] };

        pair.Connect();

        AssertSrtpWorks(pair);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Handshake_completes_with_fragments_reordered_and_duplicated(int seed)
    {
        var random = new Random(seed);
        using var pair = new DtlsPair
        {
            Rewrite = (_, datagram) => HandshakeFragments.Split(datagram, maxFragmentBytes: 100),
            Network = (_, _) => Enumerable.Range(0, 1 + random.Next(2)).Select(_ => TimeSpan.FromMilliseconds(random.Next(40))),
        };

        pair.Connect();

        AssertSrtpWorks(pair);
    }

    [Fact]
    public void Client_hello_in_several_fragments_is_put_together()
    {
        var helloDatagrams = 0;
        using var pair = new DtlsPair();
        pair.Rewrite = (toServer, datagram) =>
        {
            var fragments = toServer ? HandshakeFragments.Split(datagram, maxFragmentBytes: 60) : [datagram];
            helloDatagrams = Math.Max(helloDatagrams, fragments.Count);
            return fragments;
        };

        pair.Connect();

        Assert.True(helloDatagrams > 2);
    }

    [Theory]
    [InlineData(30, 10)]
    [InlineData(100, 100)]
    public void Fragments_that_overlap_are_put_together(int fragmentBytes, int overlapBytes)
    {
        using var pair = new DtlsPair { Rewrite = (_, datagram) => HandshakeFragments.Split(datagram, fragmentBytes, overlapBytes) };

        pair.Connect();

        AssertSrtpWorks(pair);
    }

    /// <summary>Plaintext fragments can be forged by whoever is on the path; they may cost this handshake, and nothing else.</summary>
    [Theory]
    [InlineData(+1)]
    [InlineData(-1)]
    [InlineData(+10_000)]
    [InlineData(0xFF_FFFF)]
    public void Fragments_that_disagree_about_their_messages_length_end_in_a_bounded_time_and_without_harm(int difference)
    {
        using var pair = new DtlsPair();
        pair.Rewrite = (toServer, datagram) => toServer ? HandshakeFragments.SplitWithLengths(datagram, 60, difference) : [datagram];
        var start = pair.Now;

        pair.Start();
        pair.Run(TimeSpan.FromMinutes(2));

        Assert.True(pair.Server.State is DtlsState.Connected or DtlsState.Failed);
        Assert.True(pair.Now - start <= DtlsTransport.StartLimit + DtlsTransport.HandshakeLimit);
        Assert.InRange(pair.Sent.Count, 1, 100);
    }

    [Theory]
    [InlineData("sha-256")]
    [InlineData("sha-384")]
    [InlineData("sha-512")]
    public void Fingerprint_of_any_supported_hash_admits_its_certificate_and_no_other(string algorithm)
    {
        using var pair = new DtlsPair(expectedByServer: [TestCertificates.Fingerprint(TestCertificates.Client, algorithm)]);
        pair.Connect();
        AssertSrtpWorks(pair);

        using var other = new DtlsPair(expectedByServer: [TestCertificates.Fingerprint(TestCertificates.Server, algorithm)]);
        other.Start();
        other.Run(TimeSpan.FromSeconds(30));
        AssertRefused(other.Server, DtlsFailure.FingerprintMismatch);
    }

    /// <summary>Where OpenSSL has it, this is a handshake of DTLS 1.3; elsewhere it says so, and stays at 1.2.</summary>
    [Fact]
    public void Newest_version_that_openssl_has_connects()
    {
        using var clientContext = new DtlsContext(TestCertificates.Client);
        using var serverContext = new DtlsContext(TestCertificates.Server);
        Assert.Equal(clientContext.TryAllowDtls13(), serverContext.TryAllowDtls13());
        using var pair = new DtlsPair(clientContext, serverContext);

        pair.Connect();

        AssertSrtpWorks(pair);
    }

    [Theory]
    [InlineData("SRTP_AEAD_AES_128_GCM", SrtpProfile.AeadAes128Gcm)]
    [InlineData("SRTP_AEAD_AES_256_GCM", SrtpProfile.AeadAes256Gcm)]
    [InlineData("SRTP_AES128_CM_SHA1_80", SrtpProfile.Aes128CmHmacSha1_80)]
    [InlineData("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM", SrtpProfile.AeadAes256Gcm)]
    [InlineData("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM", SrtpProfile.AeadAes128Gcm)]
    public void Server_preference_chooses_among_the_profiles_that_the_client_offers(string offered, SrtpProfile expected)
    {
        using var clientContext = new DtlsContext(TestCertificates.Client, offered);
        using var pair = new DtlsPair(clientContext);

        pair.Connect();

        Assert.Equal(expected, pair.Client.Profile);
        Assert.Equal(expected, pair.Server.Profile);
        AssertSrtpWorks(pair);
    }

    [Fact]
    public void Client_without_srtp_is_refused()
    {
        using var clientContext = new DtlsContext(TestCertificates.Client, srtpProfiles: "");
        using var pair = new DtlsPair(clientContext);

        pair.Start();
        pair.Run(TimeSpan.FromSeconds(30));

        Assert.Equal((DtlsState.Failed, DtlsFailure.NoSrtpProfile), (pair.Server.State, pair.Server.Failure));
        Assert.Equal((DtlsState.Failed, DtlsFailure.NoSrtpProfile), (pair.Client.State, pair.Client.Failure));
    }

    [Fact]
    public void Server_refuses_a_client_with_another_certificate_than_the_sdp_names()
    {
        using var pair = new DtlsPair(expectedByServer: [TestCertificates.Fingerprint(TestCertificates.Server)]);

        pair.Start();
        pair.Run(TimeSpan.FromSeconds(30));

        AssertRefused(pair.Server, DtlsFailure.FingerprintMismatch);
        Assert.NotEqual(DtlsState.Connecting, pair.Client.State);
    }

    [Fact]
    public void Client_refuses_a_server_with_another_certificate_than_the_sdp_names()
    {
        using var pair = new DtlsPair(expectedByClient: [TestCertificates.Fingerprint(TestCertificates.Client)]);

        pair.Start();
        pair.Run(TimeSpan.FromSeconds(30));

        AssertRefused(pair.Client, DtlsFailure.FingerprintMismatch);
        Assert.Equal(DtlsState.Closed, pair.Server.State);
    }

    [Fact]
    public void One_of_several_fingerprints_is_enough_and_none_is_not()
    {
        var right = TestCertificates.Fingerprint(TestCertificates.Client);
        var wrong = TestCertificates.Fingerprint(TestCertificates.Server);
        using var several = new DtlsPair(expectedByServer: [wrong, right]);
        several.Connect();

        using var none = new DtlsPair(expectedByServer: []);
        none.Start();
        none.Run(TimeSpan.FromSeconds(30));

        AssertRefused(none.Server, DtlsFailure.FingerprintMismatch);
    }

    [Fact]
    public void Client_without_a_certificate_is_refused_with_an_alert()
    {
        using var clientContext = new DtlsContext(certificate: null, DtlsContext.DefaultSrtpProfiles);
        using var pair = new DtlsPair(clientContext);

        pair.Start();
        pair.Run(TimeSpan.FromSeconds(30));

        AssertRefused(pair.Server, DtlsFailure.HandshakeError);
        AssertRefused(pair.Client, DtlsFailure.Alert);
    }

    [Fact]
    public void Handshake_without_an_answer_times_out()
    {
        using var pair = new DtlsPair { Network = (_, _) => [] };
        var start = pair.Now;

        pair.Start();
        pair.Run(TimeSpan.FromMinutes(2));

        AssertRefused(pair.Client, DtlsFailure.Timeout);
        AssertRefused(pair.Server, DtlsFailure.Timeout);
        Assert.InRange(pair.Sent.Count, 20, 26);
        Assert.Equal(TimeSpan.FromSeconds(60), pair.Now - start);
    }

    private static void AssertRefused(DtlsTransport transport, DtlsFailure failure)
    {
        Assert.Equal((DtlsState.Failed, failure), (transport.State, transport.Failure));
        Assert.Equal(SrtpProfile.None, transport.Profile);
        Assert.Throws<InvalidOperationException>(() => transport.CreateSrtp());
        Assert.False(transport.TrySendApplicationData([1]));
        Assert.False(transport.TryTakeApplicationData(new byte[2048], out _));
        Assert.Equal(Instant.Never, transport.NextTimeout);
    }

    /// <summary>Both directions: what one side protects the other opens.</summary>
    private static void AssertSrtpWorks(DtlsPair pair)
    {
        var (clientIn, clientOut) = pair.Client.CreateSrtp();
        var (serverIn, serverOut) = pair.Server.CreateSrtp();
        using (clientIn)
        using (clientOut)
        using (serverIn)
        using (serverOut)
        {
            AssertOpens(clientOut, serverIn);
            AssertOpens(serverOut, clientIn);
        }
    }

    private static void AssertOpens(SrtpSender sender, SrtpReceiver receiver)
    {
        var packet = new byte[200];
        packet[0] = 0x80;
        var length = sender.ProtectRtp(packet, 12, "media"u8, index: 0);
        Assert.True(receiver.TryUnprotectRtp(packet.AsSpan(0, length), out var plainLength, out _, out var failure), failure.ToString());
        Assert.Equal("media"u8, packet.AsSpan(12, plainLength - 12));
    }
}
