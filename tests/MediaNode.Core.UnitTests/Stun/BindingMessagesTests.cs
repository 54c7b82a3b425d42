using System.Buffers.Binary;
using MediaNode.Core.Net;
using MediaNode.Core.Stun;
using MediaNode.TestPeer;

namespace MediaNode.Core.UnitTests.Stun;

public sealed class BindingMessagesTests
{
    private static readonly StunTransactionId Id = new(0x01020304, 0x05060708090a0b0c);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Check_is_read_as_it_was_written(bool isControlling)
    {
        Span<byte> buffer = stackalloc byte[StunMessageWriter.RecommendedBufferSize];
        var length = BindingMessages.WriteRequest(buffer, Id, new BindingCheck("remote", "local", 77, isControlling, 99, isControlling), "password"u8);

        Assert.True(StunMessageView.TryParse(buffer[..length], out var view, out _));
        Assert.Equal(Id, view.TransactionId);
        Assert.Equal("remote:local"u8.ToArray(), view.Username.ToArray());
        Assert.Equal(77u, view.Priority);
        Assert.Equal(isControlling ? 99ul : null, view.IceControlling);
        Assert.Equal(isControlling ? null : 99ul, view.IceControlled);
        Assert.Equal(isControlling, view.UseCandidate);
        Assert.True(view.VerifyIntegrity("password"u8));
        Assert.True(view.HasFingerprint);
    }

    [Theory]
    [InlineData("198.51.100.7:5000")]
    [InlineData("[2001:db8::7]:5000")]
    public void Success_tells_the_source_address(string text)
    {
        var source = TransportAddress.From(System.Net.IPEndPoint.Parse(text));
        Span<byte> buffer = stackalloc byte[StunMessageWriter.RecommendedBufferSize];
        var length = BindingMessages.WriteSuccess(buffer, Id, source, "password"u8);

        Assert.True(StunMessageView.TryParse(buffer[..length], out var view, out _));
        Assert.Equal(StunClass.SuccessResponse, view.Class);
        Assert.True(view.TryGetXorMappedAddress(out var mapped));
        Assert.Equal(source, mapped);
        Assert.True(view.VerifyIntegrity("password"u8));
    }

    [Theory]
    [InlineData(StunErrorCode.BadRequest)]
    [InlineData(StunErrorCode.Unauthenticated)]
    [InlineData(StunErrorCode.RoleConflict)]
    public void Error_carries_its_code(int code)
    {
        Assert.True(StunMessageView.TryParse(Rfc5769.Request, out var request, out _));
        Span<byte> buffer = stackalloc byte[StunMessageWriter.RecommendedBufferSize];
        var length = BindingMessages.WriteError(buffer, request, code, default);

        Assert.True(StunMessageView.TryParse(buffer[..length], out var view, out _));
        Assert.Equal(StunClass.ErrorResponse, view.Class);
        Assert.Equal(code, view.ErrorCode);
        Assert.Equal(request.TransactionId, view.TransactionId);
        Assert.False(view.HasMessageIntegrity);
    }

    [Fact]
    public void Unknown_attribute_is_named_in_the_420()
    {
        // Binding request with the unknown comprehension-required type 0x7777 and the optional type 0x9999.
        byte[] bytes = [0, 1, 0, 8, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x77, 0x77, 0, 0, 0x99, 0x99, 0, 0];
        Assert.True(StunMessageView.TryParse(bytes, out var request, out _));
        Assert.True(request.HasUnknownComprehensionRequired);
        Span<byte> buffer = stackalloc byte[StunMessageWriter.RecommendedBufferSize];
        var length = BindingMessages.WriteError(buffer, request, StunErrorCode.UnknownAttribute, "password"u8);

        Assert.True(StunMessageView.TryParse(buffer[..length], out var view, out _));
        Assert.Equal(420, view.ErrorCode);
        Assert.True(view.VerifyIntegrity("password"u8));
        var list = buffer[..length].IndexOf((ReadOnlySpan<byte>)[0x00, 0x0A, 0x00, 0x02]);
        Assert.Equal(0x7777, BinaryPrimitives.ReadUInt16BigEndian(buffer[(list + 4)..]));
    }

    [Fact]
    public void Indication_has_a_fingerprint_only()
    {
        Span<byte> buffer = stackalloc byte[64];
        var length = BindingMessages.WriteIndication(buffer, Id);

        Assert.Equal(28, length);
        Assert.True(StunMessageView.TryParse(buffer[..length], out var view, out _));
        Assert.Equal(StunClass.Indication, view.Class);
    }

    [Fact]
    public void Answering_a_check_allocates_nothing()
    {
        var source = TransportAddress.FromIPv4(0xC0000201, 5);
        Answer(source);

        Assert.Equal(0, Allocations.OfEach(0, 100, _ => Answer(source)));
    }

    private static void Answer(in TransportAddress source)
    {
        Span<byte> buffer = stackalloc byte[StunMessageWriter.RecommendedBufferSize];
        Assert.True(StunMessageView.TryParse(Rfc5769.Request, out var request, out _));
        Assert.True(request.VerifyIntegrity(Rfc5769.Password));
        BindingMessages.WriteSuccess(buffer, request.TransactionId, source, Rfc5769.Password);
    }
}
