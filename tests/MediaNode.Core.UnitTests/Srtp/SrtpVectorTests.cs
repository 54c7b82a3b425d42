using MediaNode.Core.IpsecMb;
using MediaNode.Core.OpenSsl;
using MediaNode.Core.Srtp;

namespace MediaNode.Core.UnitTests.Srtp;

/// <summary>The published test vectors: RFC 3711 appendix B, RFC 6188 section 7, RFC 7714 sections 16 and 17.</summary>
public sealed class SrtpVectorTests
{
    private const string OpenSsl = "OpenSSL";
    private const string IpsecMb = "ipsec-mb";

    public static TheoryData<string> Engines => [OpenSsl, IpsecMb];

    private const string GcmSalt = "517569642070726f2071756f";
    private const string Gcm128Key = "000102030405060708090a0b0c0d0e0f";
    private const string Gcm256Key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const string GcmRtpHeader = "8040f17b8041f8d35501a0b2";
    private const string GcmRtpPayload = "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
    private const string GcmRtcpHeader = "81c8000d4d617273";
    private const string GcmRtcpBody = "4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";
    private const string GcmRtcpIndex = "800005d4";

    [Fact]
    public void Rfc_3711_b2_key_stream()
    {
        using var cipher = new CounterModePacketCipher(
            Hex("2B7E151628AED2A6ABF7158809CF4F3C"), Hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"), new byte[20]);
        var output = new byte[16 * 0xFF02];

        cipher.Transform(ssrc: 0, index: 0, new byte[output.Length], output);

        AssertHex("E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0", output.AsSpan(0, 48));
        AssertHex("EC8CDF7398607CB0F2D21675EA9EA1E4362B7C3C6773516318A077D7FC5073AE6A2CC3787889374FBEB4C81B17BA6C44", output.AsSpan(16 * 0xFEFF, 48));
    }

    [Theory]
    [InlineData(SrtpKeyDerivation.RtpEncryption, "C61E7A93744F39EE10734AFE3FF7A087")]
    [InlineData(SrtpKeyDerivation.RtpSalt, "30CBBC08863D8C85D49DB34A9AE1")]
    [InlineData(SrtpKeyDerivation.RtpAuthentication, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")]
    public void Rfc_3711_b3_key_derivation(byte label, string expected) =>
        AssertDerives("E1F97A0D3E018BE0D64FA32C06DE4139", "0EC675AD498AFEEBB6960B3AABE6", label, expected);

    [Theory]
    [InlineData(SrtpKeyDerivation.RtpEncryption, "5BA1064E30EC51613CAD926C5A28EF731EC7FB397F70A960653CAF06554CD8C4")]
    [InlineData(SrtpKeyDerivation.RtpSalt, "FA31791685CA444A9E07C6C64E93")]
    [InlineData(SrtpKeyDerivation.RtpAuthentication, "FD9C32D39ED5FBB5A9DC96B30818454D1313DC05")]
    public void Rfc_6188_7_4_key_derivation_with_256_bits(byte label, string expected) =>
        AssertDerives("F0F04914B513F2763A1B1FA130F10E2998F6F6E43E4309D1E622A0E332B9F1B6", "3B04803DE51EE7C96423AB5B78D2", label, expected);

    [Fact]
    public void Known_counter_mode_packets_of_libsrtp()
    {
        using var sender = new SrtpSender(
            SrtpProfile.Aes128CmHmacSha1_80, Hex("E1F97A0D3E018BE0D64FA32C06DE4139"), Hex("0EC675AD498AFEEBB6960B3AABE6"));
        var rtp = new byte[38];
        Hex("800F1234DECAFBADCAFEBABE").CopyTo(rtp, 0);
        var payload = Enumerable.Repeat((byte)0xAB, 16).ToArray();

        Assert.Equal(38, sender.ProtectRtp(rtp, 12, payload, index: 0x1234));
        AssertHex("800F1234DECAFBADCAFEBABE4E55DC4CE79978D88CA4D215949D2402B78D6ACC99EA179B8DBB", rtp);

        var rtcp = new byte[38];
        Hex("81C8000BCAFEBABE").CopyTo(rtcp, 0);
        payload.CopyTo(rtcp, 8);

        Assert.Equal(38, sender.ProtectRtcp(rtcp, 24));
        AssertHex("81C8000BCAFEBABE7128035BE487B9BDBEF89041F977A5A880000001993E08CD54D6C1230798", rtcp);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Rfc_7714_16_srtp(string engine)
    {
        const uint Ssrc = 0x5501A0B2;
        const ulong Index = 0xF17B;
        Check(
            engine, Gcm128Key, Ssrc, Index, GcmRtpHeader, GcmRtpPayload,
            "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce");
        Check(
            engine, Gcm256Key, Ssrc, Index, GcmRtpHeader, GcmRtpPayload,
            "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13");
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Rfc_7714_17_srtcp(string engine)
    {
        const uint Ssrc = 0x4D617273;
        const ulong Index = 0x5D4;
        Check(
            engine, Gcm128Key, Ssrc, Index, GcmRtcpHeader + GcmRtcpIndex, GcmRtcpBody,
            "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade");
        Check(
            engine, Gcm256Key, Ssrc, Index, GcmRtcpHeader + GcmRtcpIndex, GcmRtcpBody,
            "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be");
    }

    [Fact]
    public void Rfc_7714_16_1_1_initialisation_vector()
    {
        var iv = new byte[GcmKey.IvBytes];

        GcmPacketCipher.WriteIv(Hex(GcmSalt), ssrc: 0x5501A0B2, index: 0xF17B, iv);

        AssertHex("51753C6580C2726F20718414", iv);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    public void Both_engines_encrypt_alike_at_every_length(int keyLength)
    {
        Assert.SkipUnless(IpsecMbLibrary.IsUsable, "ipsec-mb is not installed, or not for this processor");
        var random = new Random(7);
        var key = new byte[keyLength];
        random.NextBytes(key);
        using var openSsl = new GcmPacketCipher(new OpenSslGcmKey(key, encrypt: true), Hex(GcmSalt));
        using var ipsecMb = new GcmPacketCipher(new IpsecMbGcmKey(key), Hex(GcmSalt));
        for (var length = 0; length <= 1500; length++)
        {
            var plain = new byte[length];
            var header = new byte[12 + length % 60];
            random.NextBytes(plain);
            random.NextBytes(header);
            var expected = new byte[length + GcmKey.TagBytes];
            var actual = new byte[length + GcmKey.TagBytes];

            openSsl.Seal(1, (ulong)length, header, plain, expected);
            ipsecMb.Seal(1, (ulong)length, header, plain, actual);

            Assert.Equal(expected, actual);
            actual[random.Next(actual.Length)] ^= 1;
            Assert.False(ipsecMb.TryOpen(1, (ulong)length, header, actual.AsSpan(..length), actual.AsSpan(length..)));
        }
    }

    [Fact]
    public void No_two_indexes_or_ssrcs_share_an_initialisation_vector()
    {
        var seen = new HashSet<string>();
        var iv = new byte[GcmKey.IvBytes];
        foreach (var ssrc in new uint[] { 0, 1, 2, 0x10000, 0xFFFF0000, uint.MaxValue })
        {
            foreach (var index in new ulong[] { 0, 1, 0xFFFF, 0x10000, 0xFFFFFFFF, 0x100000000, (1UL << 48) - 1 })
            {
                GcmPacketCipher.WriteIv(Hex(GcmSalt), ssrc, index, iv);
                Assert.True(seen.Add(Convert.ToHexString(iv)), $"{ssrc} {index}");
            }
        }
    }

    private static void AssertDerives(string key, string salt, byte label, string expected)
    {
        var output = new byte[expected.Length / 2];
        SrtpKeyDerivation.Derive(Hex(key), Hex(salt), label, output);
        AssertHex(expected, output);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);

    private static void AssertHex(string expected, ReadOnlySpan<byte> actual) => Assert.Equal(expected.ToUpperInvariant(), Convert.ToHexString(actual));

    private static void Check(string engine, string key, uint ssrc, ulong index, string additional, string plain, string expected)
    {
        Assert.SkipUnless(engine == OpenSsl || IpsecMbLibrary.IsUsable, "ipsec-mb is not installed, or not for this processor");
        using var sealing = new GcmPacketCipher(Key(engine, Hex(key), encrypt: true), Hex(GcmSalt));
        using var opening = new GcmPacketCipher(Key(engine, Hex(key), encrypt: false), Hex(GcmSalt));
        var body = new byte[Hex(plain).Length + GcmKey.TagBytes];

        sealing.Seal(ssrc, index, Hex(additional), Hex(plain), body);
        AssertHex(expected, body);

        Assert.True(opening.TryOpen(ssrc, index, Hex(additional), body.AsSpan(..^16), body.AsSpan(^16..)));
        Assert.Equal(Hex(plain), body[..^16]);
    }

    private static GcmKey Key(string engine, byte[] key, bool encrypt) => engine == IpsecMb ? new IpsecMbGcmKey(key) : new OpenSslGcmKey(key, encrypt);
}
