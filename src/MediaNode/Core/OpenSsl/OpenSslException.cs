using System.Runtime.InteropServices;

namespace MediaNode.Core.OpenSsl;

/// <summary>OpenSSL refused a call that cannot fail on network input: a broken installation, no memory, or a mistake of ours.</summary>
public sealed class OpenSslException : Exception
{
    public OpenSslException()
    {
    }

    public OpenSslException(string message) : base(message)
    {
    }

    public OpenSslException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Takes the oldest error from the thread's queue and empties the queue, so that it is not blamed on a later call.</summary>
    internal static OpenSslException FromErrorQueue(string call)
    {
        var code = LibCrypto.ERR_get_error();
        LibCrypto.ERR_clear_error();
        var reason = Marshal.PtrToStringUTF8(LibCrypto.ERR_reason_error_string(code)) ?? "no reason given";
        return new OpenSslException($"{call} failed: {reason} (0x{code:X})");
    }

    internal static void ThrowIfNotOne(int result, string call)
    {
        if (result != 1)
            throw FromErrorQueue(call);
    }

    internal static T ThrowIfInvalid<T>(T handle, string call) where T : SafeHandle
    {
        if (!handle.IsInvalid)
            return handle;

        handle.Dispose();
        throw FromErrorQueue(call);
    }
}
