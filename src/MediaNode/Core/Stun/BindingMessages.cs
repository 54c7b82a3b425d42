using MediaNode.Core.Net;

namespace MediaNode.Core.Stun;

/// <summary>The Binding messages of ICE as wholes (RFC 8445 sections 7.1 to 7.3). Each returns the bytes written.</summary>
public static class BindingMessages
{
    /// <summary>A 420 lists at most so many types; more do not help the sender.</summary>
    private const int MaximumUnknownListed = 16;

    public static int WriteRequest(Span<byte> buffer, StunTransactionId transactionId, in BindingCheck check, ReadOnlySpan<byte> remotePassword)
    {
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.Request, transactionId);
        writer.WriteUsername(check.RemoteUfrag, check.LocalUfrag);
        writer.WritePriority(check.Priority);
        if (check.IsControlling)
            writer.WriteIceControlling(check.TieBreaker);
        else
            writer.WriteIceControlled(check.TieBreaker);
        if (check.Nominates)
            writer.WriteUseCandidate();
        writer.WriteMessageIntegrity(remotePassword);
        writer.WriteFingerprint();
        return writer.Length;
    }

    public static int WriteSuccess(Span<byte> buffer, StunTransactionId transactionId, in TransportAddress source, ReadOnlySpan<byte> localPassword)
    {
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.SuccessResponse, transactionId);
        writer.WriteXorMappedAddress(source);
        writer.WriteMessageIntegrity(localPassword);
        writer.WriteFingerprint();
        return writer.Length;
    }

    /// <param name="localPassword">Empty for 400 and 401: RFC 8489 section 9.1.3 wants those without MESSAGE-INTEGRITY.</param>
    public static int WriteError(Span<byte> buffer, in StunMessageView request, int code, ReadOnlySpan<byte> localPassword)
    {
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.ErrorResponse, request.TransactionId);
        writer.WriteErrorCode(code);
        if (code == StunErrorCode.UnknownAttribute)
        {
            Span<ushort> unknown = stackalloc ushort[MaximumUnknownListed];
            writer.WriteUnknownAttributes(unknown[..request.CopyUnknownComprehensionRequired(unknown)]);
        }

        if (!localPassword.IsEmpty)
            writer.WriteMessageIntegrity(localPassword);
        writer.WriteFingerprint();
        return writer.Length;
    }

    /// <summary>A keep-alive that asks for no answer (RFC 8445 section 11).</summary>
    public static int WriteIndication(Span<byte> buffer, StunTransactionId transactionId)
    {
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.Indication, transactionId);
        writer.WriteFingerprint();
        return writer.Length;
    }
}

/// <summary>What a connectivity check says.</summary>
/// <param name="Priority">Of a peer-reflexive candidate that this check may create (RFC 8445 section 7.1.1).</param>
/// <param name="Nominates">Sends USE-CANDIDATE; only a controlling agent does.</param>
public readonly record struct BindingCheck(string RemoteUfrag, string LocalUfrag, uint Priority, bool IsControlling, ulong TieBreaker, bool Nominates);
