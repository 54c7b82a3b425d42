using MediaNode.Core.Dtls;

namespace MediaNode.Core.UnitTests.Dtls;

public sealed class DtlsRecordsTests
{
    private const int ShortestContent = 17;

    public static TheoryData<byte[]> UnifiedRecords =>
    [
        // RFC 9147 section 4: 0 0 1 C S L E E. A short number and no length: all of the rest.
        (byte[])[0b0010_0010, 1, .. new byte[ShortestContent]],
        // A long number and no length.
        (byte[])[0b0010_1011, 0, 1, .. new byte[ShortestContent]],
        // A short number and a length.
        (byte[])[0b0010_0110, 1, 0, ShortestContent, .. new byte[ShortestContent]],
        // Both, twice, behind a record in the clear.
        (byte[])[.. Plain(type: 22, new byte[9]), .. Whole(), .. Whole()],
        // An acknowledgement in the clear (section 7).
        Plain(type: 26, new byte[18]),
    ];

    public static TheoryData<byte[]> Noise =>
    [
        // A connection id, which was not negotiated.
        (byte[])[0b0011_0010, 1, .. new byte[40]],
        // Too short for a tag and a content type.
        (byte[])[0b0010_0010, 1, .. new byte[ShortestContent - 1]],
        (byte[])[0b0010_1110, 0, 1, 0, ShortestContent - 1, .. new byte[ShortestContent - 1]],
        // A length beyond the end, and headers that end early.
        (byte[])[0b0010_1110, 0, 1, 0, ShortestContent + 1, .. new byte[ShortestContent]],
        (byte[])[0b0010_1110, 0, 1, 0],
        (byte[])[0b0010_0000],
    ];

    [Theory]
    [MemberData(nameof(UnifiedRecords))]
    public void Records_of_dtls_1_3_pass_where_it_was_agreed_and_nowhere_else(byte[] datagram)
    {
        Assert.True(DtlsRecords.IsWellFormed(datagram, isDtls13: true));
        Assert.False(DtlsRecords.IsWellFormed(datagram, isDtls13: false));
    }

    [Theory]
    [MemberData(nameof(Noise))]
    public void What_only_resembles_a_record_of_dtls_1_3_is_noise(byte[] datagram) => Assert.False(DtlsRecords.IsWellFormed(datagram, isDtls13: true));

    [Fact]
    public void Run_of_both_kinds_is_cut_at_its_records_and_only_numbers_in_the_clear_change()
    {
        byte[] run = [.. Plain(type: 22, new byte[9]), .. Whole(), .. Whole()];
        var plain = Plain(type: 22, new byte[9]).Length;

        Assert.Equal(plain, DtlsRecords.TakeDatagram(run, plain + 10));
        Assert.Equal(plain + Whole().Length, DtlsRecords.TakeDatagram(run, plain + Whole().Length + 1));
        Assert.Equal(run.Length, DtlsRecords.TakeDatagram(run, 1200));
        Assert.True(DtlsRecords.ContainHandshake(run.AsSpan(plain)));

        var next = 7u;
        DtlsRecords.RenumberPlaintext(run, ref next);
        Assert.Equal(8u, next);
        Assert.Equal(7, run[10]);
        Assert.Equal([.. Whole(), .. Whole()], run[plain..]);
    }

    private static byte[] Plain(byte type, byte[] content) => [type, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)content.Length, .. content];

    private static byte[] Whole() => [0b0010_1110, 0, 1, 0, ShortestContent, .. new byte[ShortestContent]];
}
